// State: keep it, go back to it, begin anew.

import { get, post, remove } from './api.js'
import { button, h } from './dom.js'
import { dateTime } from './format.js'
import { empty, polled } from './polled.js'
import { attempt, confirm, toast } from './toast.js'
import { t } from './words.js'

export function statePage() {
  const list = polled(() => get('snapshots'), ({ snapshots }) => snapshots.length
    ? h('table', { class: 'rows stacked' },
      h('thead', null, h('tr', null, h('th', null, t('Snapshot')), h('th', null, t('Taken')), h('th', null))),
      h('tbody', null, [...snapshots].reverse().map(({ id, time_ms }) => h('tr', null,
        h('td', null, h('code', { 'data-row': true, tabindex: '0' }, id)), h('td', null, dateTime(time_ms)),
        h('td', { class: 'right' },
          button(t('Restore'), () => restore(id), { class: 'quiet', 'data-key': `restore ${id}`, 'aria-label': `${t('Restore')} ${id}` }),
          button(t('Delete'), () => forget(id), { class: 'link danger', 'data-key': `delete ${id}`, 'aria-label': `${t('Delete')} ${id}` }))))))
    : empty(t('No snapshot yet')))

  const done = async (action, text) => {
    if (await attempt(async () => { await action(); return true })) toast(text)
    list.refresh()
  }
  const restore = async id => {
    if (await confirm(t('Go back to {id}? What was stored since is lost, and unfinished uploads are cancelled.', { id }), t('Restore'))) {
      done(() => post('restore', { id }), t('Restored {id}', { id }))
    }
  }
  const forget = id => done(() => remove(`snapshots/${encodeURIComponent(id)}`), t('Deleted {id}', { id }))
  const reset = async () => {
    if (await confirm(t('Begin anew? All objects, uploads, tasks and requests are lost.'), t('Reset'))) {
      done(() => post('reset'), t('Everything is as at the start'))
    }
  }
  const fork = forkForm(body => done(() => post('fork', body), t('Forked {service} as {as}', body)))

  return {
    title: t('State'),
    element: h('div', { class: 'page narrow' }, h('h1', null, t('State')),
      h('div', { class: 'toolbar' },
        button(t('Take a snapshot'), () => done(() => post('snapshot'), t('Taken')), { class: 'primary', id: 'snapshot' }),
        button(t('Reset'), reset, { class: 'danger', id: 'reset' })),
      h('p', { class: 'muted' }, keeps()),
      list.element,
      h('section', { class: 'card' }, h('h3', null, t('Fork a service')),
        h('p', { class: 'muted' }, t('A copy under another name, which goes its own way.')), fork)),
    refresh: () => list.refresh(),
  }
}

function keeps() {
  return t('A snapshot keeps objects with their metadata, and what is scheduled for them: expiries and deletions. It does not keep services, operators, unfinished uploads, requests, faults or the clock.')
}

function forkForm(fork) {
  const from = h('input', { type: 'text', required: true, placeholder: 'demo', 'aria-label': t('Service') })
  const as = h('input', { type: 'text', required: true, placeholder: 'demo-2', 'aria-label': t('New name') })
  return h('form', { class: 'row', onsubmit: event => {
    event.preventDefault()
    fork({ service: from.value, as: as.value })
  } }, from, h('span', { 'aria-hidden': 'true' }, '→'), as, h('button', { type: 'submit' }, t('Fork')))
}
