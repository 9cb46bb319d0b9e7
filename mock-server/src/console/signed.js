// What a request was signed over, taken apart into the elements of the protocol.

/** The mask that the server puts where a legacy string holds the password's MD5. */
const MASK = /^\*+$/

const header = (entry, name) =>
  (entry.request_headers ?? []).find(([other]) => other.toLowerCase() === name)?.[1]?.trim() || undefined

/** Which signature a request carries, and the parts of its authorization. */
export function credential(entry) {
  const text = header(entry, 'authorization')
  const parsed = /^\s*(\S+)\s+(.*)$/.exec(text ?? '')
  if (!parsed) return { form: formSignature(entry) ? 'form' : 'none', text }
  const [, scheme, rest] = parsed
  if (scheme.toLowerCase() === 'basic') return { form: 'basic', scheme, text }
  const fields = rest.split(':')
  const signature = fields.at(-1)
  const isMd5 = /^[0-9a-f]{32}$/i.test(signature)
  const isToken = header(entry, 'x-upyun-uri-prefix') || header(entry, 'x-upyun-uri-postfix')
  let form = 'header'
  if (fields.length === 3 && isMd5) form = 'purge'
  else if (isMd5) form = 'legacy'
  else if (isToken) form = 'token'
  return { form, scheme, operator: fields.length === 3 ? fields[1] : fields[0], signature, text }
}

function formSignature(entry) {
  return entry.method === 'POST' && /^multipart\/form-data/i.test(header(entry, 'content-type') ?? '')
}

/** The date that counts, and which header it stood in. */
export function signedDate(entry) {
  const x = header(entry, 'x-date')
  const date = header(entry, 'date')
  return x ? { name: 'X-Date', value: x } : { name: 'Date', value: date }
}

export { header }

/**
 * A string-to-sign as `[{ name, value }]`.
 *
 * Elements are joined by `&`, which a path may hold too: method, date, length and MD5 are known by their
 * shape from both ends, and the path is what is left.
 */
export function elements(form, text) {
  const pieces = text.split('&')
  const taken = []
  const last = (name, shape) => {
    if (pieces.length > 1 && shape.test(pieces.at(-1))) taken.unshift({ name, value: pieces.pop() })
  }
  const first = { name: 'METHOD', value: pieces.shift() }
  const DATE = /^(\w{3}, .*|)$/
  const MD5 = /^[0-9a-fA-F]{32}$/
  if (form === 'token') {
    last('EXPIRE', /^-?\d*$/)
    const name = (value, at) => at > 0 || !value.startsWith('/') ? 'POSTFIX' : 'PREFIX'
    return [first, ...pieces.map((value, at) => ({ name: name(value, at), value })), ...taken]
  }
  if (form === 'form') {
    last('CONTENT-MD5', MD5)
    last('POLICY', /./)
    last('DATE', DATE)
  } else if (form === 'legacy') {
    last('PASSWORD MD5', MASK)
    last('CONTENT-LENGTH', /^\d+$/)
    last('DATE', DATE)
  } else if (form === 'purge') {
    last('PASSWORD MD5', MASK)
    last('DATE', DATE)
    last('SERVICE', /./)
    return [{ name: 'PURGE', value: [first.value, ...pieces].join('&') }, ...taken]
  } else {
    last('CONTENT-MD5', MD5)
    last('DATE', DATE)
  }
  return [first, { name: 'URI', value: pieces.join('&') }, ...taken]
}

/** Both sides row by row: `[{ name, server, client }]`, undefined where a side lacks it. */
export function rows(form, server, client) {
  const theirs = client === undefined ? [] : elements(form, client)
  const ours = elements(form, server)
  const names = ['METHOD', 'PURGE', 'SERVICE', 'URI', 'PREFIX', 'POSTFIX', 'DATE', 'POLICY', 'CONTENT-MD5', 'CONTENT-LENGTH', 'EXPIRE', 'PASSWORD MD5']
  const of = (list, name) => list.find(element => element.name === name)?.value
  return names
    .map(name => ({ name, server: of(ours, name), client: of(theirs, name) }))
    .filter(row => row.server !== undefined || row.client !== undefined)
}
