// The first bytes of a body, in the way that tells most, or as text, or in hex.

import { button, fill, h } from './dom.js'
import { bytes as size } from './format.js'
import { formFields, multipartFields } from './form-body.js'
import { hexdump } from './hex.js'
import { json } from './json.js'
import { t } from './words.js'

const RASTER = /^image\/(png|jpeg|gif|webp|bmp)\b/

export function fromBase64(text) {
  return Uint8Array.from(atob(text ?? ''), char => char.charCodeAt(0))
}

/** The text of bytes, or null if they are none. A character that the preview cuts through is left out. */
export function textOf(bytes, truncated) {
  for (const byte of bytes) {
    if (byte < 9 || byte > 13 && byte < 32 && byte !== 27) return null
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: truncated })
  } catch {
    return null
  }
}

/** Shows a body as the control plane gives it. */
export function bodyView(body, headers = []) {
  if (!body.bytes) return h('p', { class: 'muted' }, t('no body'))
  const content = fromBase64(body.preview_base64)
  const type = body.content_type ?? headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  const views = viewsOf(content, type, body.truncated)
  const shown = h('div', { class: 'bodyview' })
  const tabs = views.map(([name, show]) => button(name, () => choose(name, show), { class: 'tab', role: 'tab' }))
  const choose = (name, show) => {
    fill(shown, show())
    tabs.forEach(tab => tab.setAttribute('aria-selected', String(tab.textContent === name)))
  }
  choose(...views[0])
  return h('div', { class: 'body' },
    h('div', { class: 'bodybar' },
      h('span', { class: 'muted' }, [type, size(body.bytes)].filter(part => part).join(' · ')),
      h('span', { class: 'tabs', role: 'tablist', 'aria-label': t('View') }, tabs)),
    shown,
    body.truncated && h('p', { class: 'muted' }, content.length
      ? t('Only the first {n} are kept.', { n: size(content.length) })
      : t('Its content was not kept.')))
}

function viewsOf(content, type, truncated) {
  const views = []
  const text = textOf(content, truncated)
  if (RASTER.test(type) && !truncated) views.push([t('Picture'), () => picture(content, type)])
  if (/^application\/x-www-form-urlencoded/.test(type) && text !== null) views.push([t('Fields'), () => formFields(text)])
  if (/^multipart\/form-data/.test(type)) views.push([t('Fields'), () => multipartFields(content, type)])
  if (text !== null) {
    const tree = json(text)
    if (tree) views.push(['JSON', () => h('pre', { class: 'code' }, tree)])
    views.push([t('Text'), () => h('pre', { class: 'code' }, text)])
  }
  views.push([t('Hex'), () => h('pre', { class: 'code hex' }, hexdump(content))])
  return views
}

function picture(content, type) {
  let binary = ''
  for (const byte of content) binary += String.fromCharCode(byte)
  return h('img', { class: 'picture', alt: t('Picture'), src: `data:${type.match(RASTER)[0]};base64,${btoa(binary)}` })
}
