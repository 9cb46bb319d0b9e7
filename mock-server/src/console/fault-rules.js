// What a fault may match and do, as the form offers it, and recipes to begin with.

/** `[member, label, kind, hint]`; kinds: text, number, choice with its values, flag. */
export const MATCH = [
  ['method', 'Method', ['', 'GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH']],
  ['path', 'Path', 'text', '/demo/** – * within a folder, ** across'],
  ['api', 'API', ['', 'rest', 'form', 'multipart', 'block', 'tasks', 'sync_tasks', 'purge', 'cdn']],
  ['service', 'Service', 'text'],
  ['operator', 'Operator', 'text'],
  ['host', 'Host', 'text'],
  ['header', 'Header', 'header', 'name, or name: value*'],
  ['nth', 'Only the nth', 'numbers', '3, or 1,3,5'],
  ['every', 'Every nth', 'number'],
  ['part', 'Part number', 'number'],
  ['probability', 'Probability', 'number', '0 to 1'],
  ['seed', 'Seed', 'number'],
  ['callback', 'Callbacks, not requests', 'flag'],
]

export const ACTIONS = [
  ['code', 'Answer with an error code', 'code', '50300001'],
  ['status', 'Answer with a status', 'number', '503'],
  ['delay_ms', 'Delay, ms', 'number', '2000'],
  ['bytes_per_second', 'Limit the bandwidth, bytes/s', 'number', '65536'],
  ['close_before', 'Close without an answer', 'flag'],
  ['close_after_request_bytes', 'Close after N bytes of the request', 'number', '1048576'],
  ['close_after_response_bytes', 'Close after N bytes of the answer', 'number', '1024'],
  ['reset', 'Reset the connection', 'flag'],
  ['truncate_to_bytes', 'Cut the answer to N bytes', 'number', '100'],
  ['corrupt', 'Corrupt the body', 'flag'],
  ['stall', 'Never answer', 'flag'],
  ['lose_answer', 'Carry it out, lose the answer', 'flag'],
  ['visible_after_ms', 'Show the change late, ms', 'number', '3000'],
  ['rate_limit', 'Limit the rate (429)', 'rate', '5 / 1'],
  ['clock_skew_seconds', 'Skew the clock, s', 'number', '2400'],
  ['duplicate', 'Deliver a callback twice', 'flag'],
  ['lose', 'Lose a callback', 'flag'],
]

/** `[name, rule]`: what goes wrong in the field. */
export const RECIPES = [
  ['503 once', { match: {}, action: { status: 503 }, times: 1 }],
  ['Every third PUT fails', { match: { method: 'PUT', every: 3 }, action: { status: 503 } }],
  ['Too many requests', { match: {}, action: { rate_limit: { requests: 5, per_seconds: 1 } } }],
  ['Slow network', { match: {}, action: { bytes_per_second: 65536 } }],
  ['Two seconds of delay', { match: {}, action: { delay_ms: 2000 } }],
  ['Connection lost in part 3', { match: { api: 'multipart', part: 3 }, action: { close_after_request_bytes: 1048576 }, times: 1 }],
  ['Stored, but the answer is lost', { match: { method: 'PUT' }, action: { lose_answer: true }, times: 1 }],
  ['Download cut short', { match: { method: 'GET' }, action: { truncate_to_bytes: 100 }, times: 1 }],
  ['A delete shows late', { match: { method: 'DELETE' }, action: { visible_after_ms: 3000 } }],
  ['Clock 40 minutes off', { match: {}, action: { clock_skew_seconds: 2400 } }],
  ['Callbacks get lost', { match: { callback: true }, action: { lose: true } }],
  ['Hangs', { match: {}, action: { stall: true }, times: 1 }],
]

/** The text of a field as the value of its member; undefined when it is left out. */
export function valueOf(kind, text) {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  if (kind === 'number') return Number(trimmed)
  if (kind === 'code') return Number.parseInt(trimmed, 10)
  if (kind === 'numbers') {
    const numbers = trimmed.split(/[\s,]+/).map(Number)
    return numbers.length === 1 ? numbers[0] : numbers
  }
  if (kind === 'header') {
    const colon = trimmed.indexOf(':')
    return colon < 0 ? { [trimmed.toLowerCase()]: true } : { [trimmed.slice(0, colon).trim().toLowerCase()]: trimmed.slice(colon + 1).trim() }
  }
  if (kind === 'rate') {
    const [requests, seconds] = trimmed.split('/').map(Number)
    return { requests, per_seconds: seconds || 1 }
  }
  return trimmed
}

/** The reverse, for a recipe that fills the form. */
export function textOf(kind, value) {
  if (kind === 'rate') return `${value.requests} / ${value.per_seconds}`
  if (kind === 'header') return Object.entries(value).map(([name, glob]) => glob === true ? name : `${name}: ${glob}`).join()
  return Array.isArray(value) ? value.join(',') : String(value)
}
