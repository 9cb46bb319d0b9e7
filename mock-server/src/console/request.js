// One request whole: why it was refused, how it was signed, what went each way.

import { get } from './api.js'
import { bodyView } from './body.js'
import { explained } from './causes.js'
import { curl } from './curl.js'
import { button, fill, h, icon } from './dom.js'
import { bytes, dateTime, microseconds, statusClass } from './format.js'
import { icons } from './icons.js'
import { signatureView } from './signature.js'
import { copy } from './toast.js'
import { t } from './words.js'

/** Fetches a request and shows it; `isCurrent` tells whether it is still the wanted one. */
export async function showRequest(pane, number, { close, isCurrent }) {
  let entry
  try {
    entry = await get(`requests/${number}`)
  } catch (error) {
    if (isCurrent(number)) fill(pane, bar(null, number, close), h('div', { class: 'empty' }, error.message))
    return
  }
  if (!isCurrent(number)) return
  fill(pane, bar(entry, number, close), h('div', { class: 'sections' },
    faults(entry), why(entry), signatureView(entry), fragile(entry), facts(entry),
    message(t('Request'), entry.request_headers, entry.request_body, 'request'),
    message(t('Answer'), entry.response_headers, entry.response_body, 'response')))
  pane.scrollTop = 0
}

function bar(entry, number, close) {
  return h('header', { class: 'detailbar' },
    entry && h('span', { class: `status ${statusClass(entry.status)}` }, entry.status || '✕'),
    h('h2', null, entry ? [h('b', null, entry.method), ' ', h('span', { class: 'path' }, entry.path)] : `#${number}`),
    entry && button(t('Copy as curl'), () => copy(curl(entry)), { class: 'quiet', id: 'curl' }),
    h('button', { type: 'button', class: 'quiet iconic', onclick: close, 'aria-label': t('Close') }, icon(icons.close)))
}

/** The answer's own message, like `signature error`. */
export function serviceMessage(entry) {
  try {
    return JSON.parse(atob(entry.response_body.preview_base64)).msg ?? ''
  } catch {
    return ''
  }
}

function why(entry) {
  const { explanation } = entry
  if (!explanation && !entry.code) return null
  return h('section', { class: 'card whycard' },
    h('h3', null, t('Why {status}?', { status: entry.status }),
      entry.code && h('span', { class: 'muted' }, ` ${entry.code} ${serviceMessage(entry)}`)),
    explanation && h('p', { class: 'cause' }, explained(explanation.cause)),
    explanation?.remedy && h('p', { class: 'remedy' }, h('b', null, t('Remedy')), ' ', explained(explanation.remedy)))
}

function faults(entry) {
  if (!entry.faults?.length) return null
  return h('section', { class: 'card faultcard' },
    h('h3', null, t('A fault was injected here')),
    h('ul', null, entry.faults.map(fault =>
      h('li', null, h('a', { href: '#/faults' }, fault.id), ' ', explained(fault.did)))))
}

function fragile(entry) {
  if (!entry.fragile?.length) return null
  return h('section', { class: 'card fragilecard' },
    h('h3', null, t('Legal, but fragile')),
    h('p', null, entry.fragile.map(id => h('code', null, id)), ' ', h('a', { href: '#/report' }, t('What it means'))))
}

function facts(entry) {
  const rows = [
    [t('When'), dateTime(entry.time_ms)],
    [t('Duration'), microseconds(entry.duration_us)],
    [t('Host'), entry.host],
    [t('Service'), entry.service],
    [t('Operator'), entry.operator],
    ['API', entry.api],
    [t('Received, sent'), `${bytes(entry.bytes_in)}, ${bytes(entry.bytes_out)}`],
    ['X-Request-Id', entry.id],
    [t('Number'), entry.number],
  ]
  return h('section', { class: 'card' }, h('dl', { class: 'facts' }, rows
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value)))))
}

function message(title, headers, body, kind) {
  if (!headers && !body) return null
  return h('section', { class: `card ${kind}` },
    h('h3', null, title),
    headers?.length ? headerTable(headers) : h('p', { class: 'muted' }, t('no headers')),
    body && bodyView(body, headers ?? []))
}

export function headerTable(headers) {
  return h('table', { class: 'headers' }, h('tbody', null, headers.map(([name, value]) =>
    h('tr', null, h('th', { scope: 'row' }, name), h('td', null, value)))))
}
