// Faults: what was set, how often it acted, and a form for more.

import { get, post, remove } from './api.js'
import { button, fill, h } from './dom.js'
import { faultForm } from './fault-form.js'
import { number } from './format.js'
import { value } from './json.js'
import { empty, polled } from './polled.js'
import { attempt, confirm, toast } from './toast.js'
import { t } from './words.js'

export function faultsPage() {
  const list = polled(() => get('faults'), ({ faults }) => faults.length
    ? [h('div', { class: 'toolbar' }, h('span', { class: 'muted grow' }, t('{n} faults', { n: number(faults.length) })),
      button(t('Remove all'), removeAll, { class: 'quiet danger', 'data-key': 'all' })),
      h('div', { class: 'cards' }, [...faults].reverse().map(faultView))]
    : empty(t('No fault is set'), t('The server behaves. Choose a recipe, or fill in the form.')))
  const form = faultForm(async rule => {
    const added = await attempt(() => post('faults', rule))
    if (!added) return
    toast(t('Fault {id} is set', { id: added.id }))
    list.refresh()
  })

  async function removeAll() {
    if (!await confirm(t('Remove all faults?'), t('Remove all'))) return
    await attempt(() => remove('faults'))
    list.refresh()
  }

  function faultView({ id, label, match, action, times, for_seconds: duration, seen, applied, over, seed }) {
    const facts = [
      t('seen {n} times', { n: number(seen) }),
      times && t('{n} times at most', { n: times }),
      duration && t('for {n} s', { n: duration }),
      match?.probability !== undefined && `${t('seed')} ${seed}`,
    ]
    return h('article', { class: over ? 'card fault over' : 'card fault' },
      h('div', { class: 'rowline' },
        h('div', { class: 'rowhead grow', 'data-row': true, tabindex: '0', 'data-key': id },
          h('b', null, id), h('span', { class: 'grow' }, label ?? ''),
          h('span', { class: 'applied' }, t('applied {n} times', { n: number(applied) })),
          over && h('span', { class: 'mark' }, t('over'))),
        button(t('Remove'), async () => {
          await attempt(() => remove(`faults/${encodeURIComponent(id)}`))
          list.refresh()
        }, { class: 'quiet', 'aria-label': `${t('Remove')} ${id}`, 'data-key': `remove ${id}` })),
      h('div', { class: 'rule' }, h('code', null, inline(match)), h('span', { 'aria-hidden': 'true' }, '→'), h('code', null, inline(action))),
      h('div', { class: 'muted' }, facts.filter(fact => fact).join(' · ')))
  }

  return {
    title: t('Faults'),
    element: h('div', { class: 'page twocolumns' },
      h('div', null, h('h1', null, t('Faults')), list.element),
      h('aside', { class: 'card' }, form)),
    refresh: () => list.refresh(),
  }
}

/** `{"method":"PUT"}` on one line, in colours; `*` when nothing is asked. */
function inline(object) {
  const members = Object.entries(object ?? {}).filter(([, member]) => member !== null && member !== undefined && member !== false)
  if (!members.length) return t('every request')
  return members.map(([name, member], at) => [at ? ', ' : '', h('span', { class: 'j-name' }, name), ' ', value(member)])
}
