// The inbox of callbacks: what was sent where, and what became of each attempt.

import { get, post, remove } from './api.js'
import { button, fill, h } from './dom.js'
import { formFields } from './form-body.js'
import { dateTime, statusClass } from './format.js'
import { json } from './json.js'
import { OpenRows, empty, opener, polled } from './polled.js'
import { headerTable } from './request.js'
import { stateMark } from './tasks.js'
import { attempt, toast } from './toast.js'
import { t } from './words.js'

const MOST = 500

export function callbacksPage() {
  const opened = new OpenRows('callbacks')
  let wanted = ''
  const found = ({ callbacks }) => {
    const fitting = callbacks.filter(({ url, body, id }) => !wanted || `${url} ${body} ${id}`.toLowerCase().includes(wanted))
    if (!fitting.length) {
      return callbacks.length ? empty(t('No callback fits this search.'))
        : empty(t('No callback yet'), t('Uploads with notify-url and tasks with notify_url are told here; those that may not leave the machine too.'))
    }
    return h('div', { class: 'cards' }, opened.newest(fitting, MOST, one => one.id).reverse().map(callback =>
      callbackView(callback, opened, () => list.repaint(), () => list.refresh())))
  }
  const list = polled(() => get('callbacks'), data => [
    opened.missing(data.callbacks, one => one.id, id => t('No callback {id} is remembered.', { id })),
    found(data),
  ], null, opened)
  const search = h('input', { type: 'search', class: 'grow', placeholder: t('Search URL and payload …'), 'aria-label': t('Search'),
    oninput: () => { wanted = search.value.trim().toLowerCase(); list.repaint() } })
  const clear = async () => {
    await attempt(() => remove('callbacks'))
    list.refresh()
  }
  return {
    title: t('Callbacks'),
    search,
    element: h('div', { class: 'page' }, h('h1', null, t('Callbacks')),
      h('div', { class: 'toolbar' }, search, button(t('Clear'), clear, { class: 'quiet' })), list.element),
    show(route) {
      opened.show(route)
      list.repaint()
    },
    refresh: () => list.refresh(),
  }
}

function callbackView(callback, opened, repaint, refresh) {
  const { id, attempts } = callback
  const last = attempts.at(-1)
  const redeliver = async () => {
    await attempt(async () => {
      await post(`callbacks/${encodeURIComponent(id)}/redeliver`)
      toast(t('Delivered once more'))
    })
    refresh()
  }
  return h('article', { class: 'card' },
    h('div', { class: 'rowline wraps' }, h('div', { class: 'rowhead grow', ...opener(opened, id, repaint) },
      stateMark(callback.state),
      h('div', { class: 'grow' }, h('b', { class: 'path' }, callback.url),
        h('div', { class: 'muted' }, [callback.content_type, t('{n} attempts', { n: attempts.length }), last && dateTime(last.time_ms)].filter(part => part).join(' · '))),
      last && outcome(last)),
      button(t('Redeliver'), redeliver, { class: 'quiet', 'data-key': `redeliver ${id}` })),
    opened.has(id) && [
      h('h4', null, t('Payload')),
      payload(callback),
      h('h4', null, t('Attempts')),
      attempts.length ? attempts.map(attemptView) : h('p', { class: 'muted' }, t('none yet')),
    ])
}

function outcome({ status, error }) {
  return status ? h('span', { class: `status ${statusClass(status)}` }, status) : h('span', { class: 'bad', title: error }, t('no answer'))
}

function payload({ body, content_type: type }) {
  const shown = h('div')
  const tree = json(body)
  if (/^application\/x-www-form-urlencoded/.test(type)) fill(shown, formFields(body))
  else fill(shown, h('pre', { class: 'code' }, tree ?? body))
  return h('div', { class: 'body' }, shown,
    h('details', null, h('summary', null, t('As sent')), h('pre', { class: 'code' }, body)))
}

function attemptView(one, at) {
  return h('details', { class: 'attempt' },
    h('summary', null, `${at + 1}. ${dateTime(one.time_ms)} `, outcome(one), ' ', one.error && h('span', { class: 'muted' }, one.error)),
    headerTable(one.headers))
}
