// The fields of forms; a policy, and what else is Base64 of JSON, is decoded.

import { textOf } from './body.js'
import { h } from './dom.js'
import { bytes as size } from './format.js'
import { json } from './json.js'
import { t } from './words.js'

/** The fields of `application/x-www-form-urlencoded`. */
export function formFields(text) {
  return table([...new URLSearchParams(text)].map(([name, value]) => ({ name, value })))
}

/** The fields of `multipart/form-data`, as far as they are kept. */
export function multipartFields(content, type) {
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1]
  if (!boundary) return h('p', { class: 'muted' }, t('The type names no boundary.'))
  return table(parts(content, boundary))
}

/** Splits on the boundary, in Latin-1 so that an index in the text is one in the bytes. */
export function parts(content, boundary) {
  let latin = ''
  for (const byte of content) latin += String.fromCharCode(byte)
  const found = []
  for (const piece of latin.split(`--${boundary}`).slice(1)) {
    if (piece.startsWith('--')) break
    const end = piece.indexOf('\r\n\r\n')
    if (end < 0) continue
    const head = utf8(piece.slice(0, end))
    const bytes = Uint8Array.from(piece.slice(end + 4).replace(/\r\n$/, ''), char => char.charCodeAt(0))
    found.push({
      name: /[; ]name="([^"]*)"/i.exec(head)?.[1] ?? '',
      file: /filename="([^"]*)"/i.exec(head)?.[1],
      type: /content-type:\s*(\S+)/i.exec(head)?.[1],
      value: textOf(bytes, true),
      bytes: bytes.length,
    })
  }
  return found
}

function utf8(latin) {
  return new TextDecoder().decode(Uint8Array.from(latin, char => char.charCodeAt(0)))
}

function table(fields) {
  return h('table', { class: 'headers fields' }, h('tbody', null, fields.map(field =>
    h('tr', null, h('th', { scope: 'row' }, field.name), h('td', null, content(field))))))
}

function content({ file, type, value, bytes }) {
  if (file !== undefined) {
    const facts = [file, type, t('{n} kept', { n: size(bytes) })].filter(part => part).join(' · ')
    return [h('div', { class: 'muted' }, facts), value && h('pre', { class: 'code small' }, value.slice(0, 500))]
  }
  if (value === null || value === undefined) return h('span', { class: 'muted' }, size(bytes))
  const tree = decodedJson(value)
  return [h('div', { class: 'wrap' }, value),
    tree && h('div', { class: 'decoded' }, h('span', { class: 'muted' }, t('decoded')), h('pre', { class: 'code' }, tree))]
}

/** JSON under Base64, like the fields `policy` and `tasks`. */
export function decodedJson(text) {
  if (text.length < 4 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return null
  try {
    const bytes = Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), char => char.charCodeAt(0))
    return json(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return null
  }
}
