// Uploads in progress, with their parts.

import { get } from './api.js'
import { h } from './dom.js'
import { bytes, dateTime, seconds } from './format.js'
import { OpenRows, empty, opener, polled } from './polled.js'
import { now } from './server-clock.js'
import { t } from './words.js'

export function uploadsPage() {
  const opened = new OpenRows('uploads')
  const part = polled(() => get('uploads'), ({ uploads }) => [
    opened.missing(uploads, one => one.uuid, id => t('No upload {id} is in progress: it is complete, cancelled or expired.', { id })),
    uploads.length
      ? h('div', { class: 'cards' }, uploads.map(upload => uploadView(upload, opened, () => part.repaint())).reverse())
      : empty(t('No upload in progress'), t('Multipart and block uploads that are begun and not complete are shown here, each with its parts.')),
  ], null, opened)
  return {
    title: t('Uploads'),
    element: h('div', { class: 'page' }, h('h1', null, t('Uploads in progress')), part.element),
    show(route) {
      opened.show(route)
      part.repaint()
    },
    refresh: () => part.refresh(),
  }
}

function uploadView(upload, opened, repaint) {
  const { uuid, service, key, parts = [] } = upload
  const share = upload.bytes ? upload.bytes_received / upload.bytes : null
  return h('article', { class: 'card' },
    h('div', { class: 'rowhead', ...opener(opened, uuid, repaint) },
      h('div', { class: 'grow' }, h('b', { class: 'path' }, `/${service}${key.startsWith('/') ? '' : '/'}${key}`),
        h('div', { class: 'muted' }, [t(upload.kind), uuid, upload.operator].filter(part => part).join(' · '))),
      h('span', { class: 'numbers' }, bytes(upload.bytes_received), upload.bytes ? ` / ${bytes(upload.bytes)}` : '')),
    share !== null && progress(share * 100),
    partsLine(parts),
    opened.has(uuid) && [
      h('dl', { class: 'facts' },
        fact(t('Begun'), dateTime(upload.started_ms)),
        fact(t('Expires'), upload.expires_ms && `${dateTime(upload.expires_ms)} (${t('in {s}', { s: seconds((upload.expires_ms - now()) / 1000) })})`),
        fact(t('Part size'), upload.part_bytes && bytes(upload.part_bytes))),
      h('table', null,
        h('thead', null, h('tr', null, h('th', null, t('Part')), h('th', null, t('Size')), h('th', null, t('State')))),
        h('tbody', null, parts.map(part => h('tr', null, h('td', null, part.number), h('td', null, bytes(part.bytes)), h('td', null, t(part.state)))))),
    ])
}

function fact(name, value) {
  return value ? h('div', null, h('dt', null, name), h('dd', null, value)) : null
}

/** One small square a part; more than a hundred would tell nothing. */
function partsLine(parts) {
  if (!parts.length || parts.length > 100) return null
  return h('div', { class: 'parts' }, parts.map(part =>
    h('i', { class: `part ${/^[\w-]+$/.test(part.state ?? '') ? part.state : ''}`, title: `${part.number}: ${part.state ?? ''} ${bytes(part.bytes)}` })))
}

export function progress(percent) {
  const value = Math.max(0, Math.min(100, percent))
  return h('div', { class: 'progress', role: 'progressbar', 'aria-valuenow': Math.round(value), 'aria-valuemin': '0', 'aria-valuemax': '100' },
    h('i', { style: { width: `${value}%` } }))
}
