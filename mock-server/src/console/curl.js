// A request as a command for a shell.

import { fromBase64, textOf } from './body.js'

/** What curl or the connection adds itself. */
const ITS_OWN = new Set(['content-length', 'connection', 'transfer-encoding', 'accept-encoding', 'host', 'expect'])

export function quote(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** `base` is where the server answers; the host that was meant goes along as a header. */
export function curl(entry, base = location.origin) {
  const words = ['curl -i']
  if (entry.method === 'HEAD') words.push('--head')
  else if (entry.method !== 'GET') words.push(`-X ${quote(entry.method)}`)
  words.push('--path-as-is', quote(base + originForm(entry.path)))
  if (entry.host && entry.host !== new URL(base).host) words.push(`-H ${quote(`Host: ${entry.host}`)}`)
  for (const [name, value] of entry.request_headers ?? []) {
    if (!ITS_OWN.has(name.toLowerCase())) words.push(`-H ${quote(`${name}: ${value}`)}`)
  }
  return withBody(words, entry.request_body)
}

/** A proxy's absolute form has a host of its own. */
function originForm(path) {
  return path.startsWith('/') ? path : path.replace(/^[a-z]+:\/\/[^/]*/i, '') || '/'
}

function withBody(words, body) {
  const command = () => words.join(' \\\n  ')
  if (!body?.bytes) return command()
  if (body.truncated) {
    words.push('--data-binary @FILE')
    return `${command()}  # FILE: the ${body.bytes} bytes that were sent`
  }
  const content = fromBase64(body.preview_base64)
  const text = textOf(content, false)
  if (text !== null && !/[^\P{Cc}\n\t]/u.test(text) && !text.startsWith('@')) {
    words.push(`--data-binary ${quote(text)}`)
    return command()
  }
  words.push('--data-binary @-')
  return `echo ${body.preview_base64} | base64 -d | ${command()}`
}
