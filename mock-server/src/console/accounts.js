// Services and operators: add, change, block, make read-only, fill up.

import { get, post, put, remove } from './api.js'
import { button, h, select } from './dom.js'
import { bytes, seconds } from './format.js'
import { operatorForm, serviceForm } from './account-forms.js'
import { empty, polled } from './polled.js'
import { attempt, confirm, show, toast } from './toast.js'
import { progress } from './uploads.js'
import { t } from './words.js'

const STATES = ['active', 'read-only', 'blocked', 'removed']

export function accountsPage() {
  const services = polled(() => get('services'), ({ services }) => services.length ? h('div', { class: 'cards' }, services.map(serviceView)) : empty(t('No service')))
  const operators = polled(() => get('operators'), ({ operators }) => operators.length ? h('div', { class: 'cards' }, operators.map(operatorView)) : empty(t('No operator')))

  const change = async (part, action, text) => {
    const answer = await attempt(async () => await action() ?? true)
    if (answer && text) toast(text)
    part.refresh()
    return answer
  }
  const changeService = (name, body) => change(services, () => put(`services/${encodeURIComponent(name)}`, body), t('Changed {name}', { name }))
  const changeOperator = (name, body) => change(operators, () => put(`operators/${encodeURIComponent(name)}`, body), t('Changed {name}', { name }))

  function serviceView(service) {
    const { name, state, capacity_bytes: capacity, used_bytes: used } = service
    const facts = [
      capacity === null || capacity === undefined ? `${bytes(used)} ${t('used')}` : t('{used} of {capacity}', { used: bytes(used), capacity: bytes(capacity) }),
      service.domains?.length > 0 && service.domains.join(', '),
      service.form_disabled && t('form uploads off'),
      service.single_copy && t('single copy'),
      service.clock_offset_ms && t('clock {s} off', { s: seconds(service.clock_offset_ms / 1000) }),
    ]
    return h('article', { class: 'card' },
      h('div', { class: 'rowline' },
        h('div', { class: 'rowhead grow', 'data-row': true, tabindex: '0', 'data-key': name }, h('a', { href: `#/objects/${encodeURIComponent(name)}/` }, h('b', null, name))),
        stateChoice(state, next => changeService(name, { state: next }), name),
        button(t('Fill up'), () => changeService(name, { fill: true }), { class: 'quiet', title: t('Sets the capacity to what is used now'), 'data-key': `fill ${name}`, 'aria-label': `${t('Fill up')} ${name}` }),
        button(t('Delete'), async () => {
          if (await confirm(t('Delete the service {name} and its objects?', { name }), t('Delete'))) change(services, () => remove(`services/${encodeURIComponent(name)}`))
        }, { class: 'link danger', 'data-key': `delete ${name}`, 'aria-label': `${t('Delete')} ${name}` })),
      capacity > 0 && progress(used / capacity * 100),
      h('div', { class: 'muted' }, facts.filter(fact => fact).join(' · ')))
  }

  function stateChoice(state, choose, name) {
    const all = STATES.includes(state) ? STATES : [state, ...STATES]
    return select(all.map(one => [one, t(one)]), state, { 'aria-label': `${t('State')} ${name}`, 'data-key': `state ${name}`, onchange: event => choose(event.target.value) })
  }

  function operatorView({ name, blocked, rights, grants = {}, blocked_in: blockedIn }) {
    const facts = [
      rights && `${t('on every service')} ${rights}`,
      ...Object.entries(grants).map(([service, letters]) => `${t('on {names}', { names: service })} ${letters}`),
      blockedIn?.length > 0 && t('blocked in {names}', { names: blockedIn.join(', ') }),
    ]
    return h('article', { class: 'card' },
      h('div', { class: 'rowline' },
        h('div', { class: 'rowhead grow', 'data-row': true, tabindex: '0', 'data-key': `operator ${name}` }, h('b', null, name), blocked && h('span', { class: 'mark faulted' }, t('blocked'))),
        button(blocked ? t('Unblock') : t('Block'), () => changeOperator(name, { blocked: !blocked }), { class: 'quiet', 'data-key': `block ${name}`, 'aria-label': `${blocked ? t('Unblock') : t('Block')} ${name}` }),
        button(t('Delete'), async () => {
          if (await confirm(t('Delete the operator {name}?', { name }), t('Delete'))) change(operators, () => remove(`operators/${encodeURIComponent(name)}`))
        }, { class: 'link danger', 'data-key': `delete operator ${name}`, 'aria-label': `${t('Delete')} ${name}` })),
      h('div', { class: 'muted' }, facts.filter(fact => fact).join(' · ')))
  }

  async function addService(body) {
    const made = await change(services, () => post('services', body), t('Added'))
    if (made?.operator) tellPassword(made.operator)
    operators.refresh()
  }

  async function addOperator(body) {
    const made = await change(operators, () => post('operators', body), t('Added'))
    if (made?.password) tellPassword(made)
  }

  return {
    title: t('Accounts'),
    element: h('div', { class: 'page twocolumns even' },
      h('div', null, h('h1', null, t('Services')), services.element, h('section', { class: 'card' }, serviceForm(addService))),
      h('div', null, h('h1', null, t('Operators')), operators.element, h('section', { class: 'card' }, operatorForm(addOperator)))),
    async refresh() {
      await Promise.all([services.refresh(), operators.refresh()])
    },
  }
}

/** A password that the server made is told once. */
function tellPassword({ name, password }) {
  const dialog = show(t('The operator {name}', { name }), h('p', null, t('Password'), ': ', h('code', null, password)), button(t('Close'), () => dialog.close()))
}
