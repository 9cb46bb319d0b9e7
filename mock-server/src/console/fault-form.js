// The form for a fault: recipes, choices, and the JSON that they make, which may be edited.

import { get } from './api.js'
import { button, fill, h } from './dom.js'
import { ACTIONS, MATCH, RECIPES, textOf, valueOf } from './fault-rules.js'
import { t } from './words.js'

/** `add` is given the rule. */
export function faultForm(add) {
  const match = new Map(MATCH.map(([name, label, kind, hint]) => [name, { kind, control: control(name, label, kind, hint) }]))
  const action = new Map(ACTIONS.map(([name, label, kind, hint]) => [name, { kind, control: control(name, label, kind, hint) }]))
  const limits = { times: input('times', 'number'), for_seconds: input('for_seconds', 'number'), label: input('label', 'text') }
  const json = h('textarea', { id: 'rule', rows: '8', class: 'code', spellcheck: 'false', 'aria-label': 'JSON' })
  const problem = h('p', { class: 'bad', role: 'alert' })
  const kind = h('select', { id: 'action', 'aria-label': t('What happens'), onchange: () => { showAction(); toJson() } },
    ACTIONS.map(([name, label]) => h('option', { value: name }, t(label))))
  const value = h('span', { class: 'grow' })
  const known = h('datalist', { id: 'codes' })
  let extra = {}

  function showAction() {
    fill(value, action.get(kind.value).control)
  }

  function toJson() {
    const rule = { match: collect(match), action: { ...extra } }
    const chosen = action.get(kind.value)
    const made = read(chosen)
    if (made !== undefined) rule.action[kind.value] = made
    for (const name of ['times', 'for_seconds']) if (limits[name].value) rule[name] = Number(limits[name].value)
    if (limits.label.value) rule.label = limits.label.value
    json.value = JSON.stringify(rule, null, 2)
    fill(problem)
  }

  function use(rule) {
    for (const [name, { kind, control }] of match) write(control, kind, rule.match[name])
    const [first, ...rest] = Object.entries(rule.action)
    extra = Object.fromEntries(rest)
    kind.value = first[0]
    write(action.get(first[0]).control, action.get(first[0]).kind, first[1])
    limits.times.value = rule.times ?? ''
    limits.for_seconds.value = ''
    limits.label.value = ''
    showAction()
    toJson()
  }

  function submit(event) {
    event.preventDefault()
    let rule
    try {
      rule = JSON.parse(json.value)
    } catch (error) {
      fill(problem, t('This is no JSON: {text}', { text: error.message }))
      return
    }
    add(rule)
  }

  const form = h('form', { class: 'faultform', onsubmit: submit },
    h('h2', null, t('Add a fault')),
    h('div', { class: 'recipes', role: 'group', 'aria-label': t('Recipes') },
      RECIPES.map(([name, rule]) => button(t(name), () => use(rule), { class: 'chip' }))),
    h('fieldset', { oninput: toJson },
      h('legend', null, t('What happens')), h('div', { class: 'row' }, kind, value)),
    h('fieldset', { oninput: toJson },
      h('legend', null, t('To which requests')),
      h('div', { class: 'grid' }, MATCH.slice(0, 4).map(labelled)),
      h('details', null, h('summary', null, t('More conditions')), h('div', { class: 'grid' }, MATCH.slice(4).map(labelled)))),
    h('fieldset', { oninput: toJson },
      h('legend', null, t('How long')),
      h('div', { class: 'grid' },
        h('label', { class: 'field' }, h('span', { class: 'label' }, t('Times')), limits.times),
        h('label', { class: 'field' }, h('span', { class: 'label' }, t('Seconds')), limits.for_seconds),
        h('label', { class: 'field all' }, h('span', { class: 'label' }, t('Label')), limits.label))),
    h('details', null, h('summary', null, t('As JSON')), json),
    problem,
    h('button', { type: 'submit', class: 'primary', id: 'add-fault' }, t('Set the fault')),
    known)

  function labelled([name, label, kind]) {
    return h('label', { class: kind === 'flag' ? 'field flag' : 'field' }, h('span', { class: 'label' }, t(label)), match.get(name).control)
  }

  kind.value = 'status'
  write(action.get('status').control, 'number', 503)
  showAction()
  toJson()
  offerCodes(known)
  return form
}

function input(id, type, props) {
  return h('input', { id: `fault-${id}`, type: type === 'number' ? 'number' : 'text', step: 'any', min: type === 'number' ? '0' : undefined, autocomplete: 'off', spellcheck: 'false', ...props })
}

function control(name, label, kind, hint) {
  const props = { 'aria-label': t(label), placeholder: hint && t(hint) }
  if (Array.isArray(kind)) return h('select', { id: `fault-${name}`, 'aria-label': t(label) }, kind.map(choice => h('option', { value: choice }, choice || t('any'))))
  if (kind === 'flag') return h('input', { id: `fault-${name}`, type: 'checkbox', 'aria-label': t(label) })
  if (kind === 'code') return input(name, 'text', { ...props, list: 'codes' })
  return input(name, kind === 'number' ? 'number' : 'text', { ...props, min: name === 'clock_skew_seconds' ? undefined : '0' })
}

function read({ kind, control }) {
  if (kind === 'flag') return control.checked || undefined
  return Array.isArray(kind) ? control.value || undefined : valueOf(kind, control.value)
}

function write(control, kind, value) {
  if (kind === 'flag') control.checked = value === true
  else control.value = value === undefined ? '' : textOf(kind, value)
}

function collect(controls) {
  const members = {}
  for (const [name, member] of controls) {
    const value = read(member)
    if (value !== undefined) members[name] = value
  }
  return members
}

/** The error table, as the report tells it, to choose from. */
async function offerCodes(known) {
  const report = await get('report').catch(() => null)
  fill(known, (report?.codes ?? []).map(({ code, message }) => h('option', { value: String(code) }, `${code} ${message}`)))
}
