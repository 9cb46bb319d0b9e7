// Which requests are shown: `status:401 method:put is:faulted cat.png`, all words must fit.

const FIELDS = {
  status: (entry, text) => /^[1-5]xx$/.test(text) ? Math.floor(entry.status / 100) === Number(text[0]) : String(entry.status) === text,
  method: (entry, text) => entry.method.toLowerCase() === text,
  service: (entry, text) => (entry.service ?? '').toLowerCase() === text,
  operator: (entry, text) => (entry.operator ?? '').toLowerCase() === text,
  api: (entry, text) => entry.api === text,
  host: (entry, text) => entry.host.toLowerCase().includes(text),
  code: (entry, text) => String(entry.code ?? '').startsWith(text),
  path: (entry, text) => entry.path.toLowerCase().includes(text),
  id: (entry, text) => entry.id.startsWith(text),
  is: (entry, text) => IS[text]?.(entry) ?? false,
}

const IS = {
  error: isError,
  faulted: entry => (entry.faults ?? []).length > 0,
  fragile: entry => (entry.fragile ?? []).length > 0,
}

/** Status 0 is an answer that never was: a fault closed the connection. */
export function isError(entry) {
  return entry.status >= 400 || entry.status < 100
}

/** A predicate over entries. `choices` are the select boxes: { method, status, … }. */
export function predicate(text, choices = {}) {
  const tests = text.trim().toLowerCase().split(/\s+/).filter(word => word).map(test)
  for (const [name, value] of Object.entries(choices)) {
    if (value) tests.push(entry => FIELDS[name](entry, value.toLowerCase()))
  }
  return entry => tests.every(test => test(entry))
}

function test(word) {
  if (word.startsWith('-') && word.length > 1) {
    const not = test(word.slice(1))
    return entry => !not(entry)
  }
  const colon = word.indexOf(':')
  const field = colon > 0 ? FIELDS[word.slice(0, colon)] : undefined
  if (field) {
    const text = word.slice(colon + 1)
    return entry => text === '' || field(entry, text)
  }
  return entry => anywhere(entry).some(part => part.includes(word))
}

function anywhere(entry) {
  return [
    entry.path.toLowerCase(), decoded(entry.path), entry.method.toLowerCase(), String(entry.status), String(entry.code ?? ''), entry.id,
    entry.host.toLowerCase(), (entry.operator ?? '').toLowerCase(), (entry.explanation?.cause ?? '').toLowerCase(),
  ]
}

/** What a person types is 猫, what the path holds is %E7%8C%AB. */
export function decoded(path) {
  if (!path.includes('%')) return ''
  try {
    return decodeURIComponent(path).toLowerCase()
  } catch {
    return ''
  }
}
