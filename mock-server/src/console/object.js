// One object: its facts, a preview, and what can be done with it.

import { firstBytes, get, objectPath } from './api.js'
import { textOf } from './body.js'
import { button, fill, h, icon } from './dom.js'
import { bytes, dateTime, seconds } from './format.js'
import { hexdump } from './hex.js'
import { icons } from './icons.js'
import { json } from './json.js'
import { headerTable } from './request.js'
import { now } from './server-clock.js'
import { t } from './words.js'

/** What the server lets a page show itself. */
const RASTER = /^image\/(png|jpeg|gif|webp|bmp)$/
const PREVIEW_BYTES = 16 * 1024

export async function showObject(pane, service, key, { close, erase, isCurrent }) {
  const path = objectPath(service, key)
  let info
  try {
    info = await get(`${path}?info=1`)
  } catch (error) {
    if (isCurrent(key)) fill(pane, bar(key, close), h('div', { class: 'empty' }, error.message))
    return
  }
  if (!isCurrent(key)) return
  const preview = h('div', { class: 'card' })
  const metadata = Object.entries(info.metadata ?? {})
  fill(pane, bar(key, close), h('div', { class: 'sections' },
    h('div', { class: 'row' },
      h('a', { class: 'button primary', href: `/_mock/${path}`, download: key.split('/').at(-1) }, t('Download')),
      button(t('Delete'), erase, { class: 'danger' })),
    preview,
    h('section', { class: 'card' }, h('dl', { class: 'facts' }, facts(info))),
    metadata.length > 0 && h('section', { class: 'card' }, h('h3', null, t('Metadata')), headerTable(metadata))))
  const shown = await previewOf(service, key, info, path).catch(error => h('p', { class: 'muted' }, error.message))
  if (isCurrent(key)) fill(preview, shown)
}

function bar(key, close) {
  return h('header', { class: 'detailbar' }, h('h2', { class: 'path' }, key),
    h('button', { type: 'button', class: 'quiet iconic', onclick: close, 'aria-label': t('Close') }, icon(icons.close)))
}

function facts(info) {
  const rows = [
    [t('Size'), `${bytes(info.bytes)} (${info.bytes})`],
    [t('Type'), info.content_type],
    ['MD5', info.md5],
    [t('Modified'), dateTime(info.modified_ms)],
    [t('Expires'), info.expires_ms && `${dateTime(info.expires_ms)} (${t('in {s}', { s: seconds(Math.round((info.expires_ms - now()) / 1000)) })})`],
    ...Object.entries(info.image ?? {}),
  ]
  return rows
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, typeof value === 'object' ? JSON.stringify(value) : value)))
}

async function previewOf(service, key, info, path) {
  if (RASTER.test(info.content_type ?? '')) {
    return h('img', { class: 'picture', alt: key, src: `/_mock/${path}?inline=1` })
  }
  if (!info.bytes) return h('p', { class: 'muted' }, t('It is empty.'))
  const content = await firstBytes(service, key, PREVIEW_BYTES)
  const truncated = content.length < info.bytes
  const text = textOf(content, truncated)
  return [
    text === null
      ? h('pre', { class: 'code hex' }, hexdump(content.subarray(0, 1024)))
      : h('pre', { class: 'code' }, (truncated ? null : json(text)) ?? text),
    truncated && h('p', { class: 'muted' }, t('The first {n}.', { n: bytes(text === null ? 1024 : content.length) })),
  ]
}
