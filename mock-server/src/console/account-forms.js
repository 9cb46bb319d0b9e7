// Forms that add a service or an operator; what is left empty the server chooses.

import { field, h } from './dom.js'
import { t } from './words.js'

export function serviceForm(add) {
  const name = h('input', { type: 'text', id: 'service-name', placeholder: 'test-…', autocomplete: 'off' })
  const capacity = h('input', { type: 'number', min: '0', id: 'service-capacity', placeholder: t('unlimited') })
  const withOperator = h('input', { type: 'checkbox', id: 'service-operator' })
  return form(t('Add a service'), [
    field(t('Name'), name), field(t('Capacity, bytes'), capacity),
    h('label', { class: 'field flag' }, withOperator, h('span', { class: 'label' }, t('with an operator of its own'))),
  ], 'add-service', () => add(present({
    name: name.value.trim(),
    capacity_bytes: capacity.value && Number(capacity.value),
    operator: withOperator.checked || undefined,
  })))
}

export function operatorForm(add) {
  const name = h('input', { type: 'text', id: 'operator-name', placeholder: t('a free name'), autocomplete: 'off' })
  const password = h('input', { type: 'text', id: 'operator-password', placeholder: t('a random one'), autocomplete: 'off' })
  const services = h('input', { type: 'text', id: 'operator-services', placeholder: t('every service'), autocomplete: 'off' })
  const rights = { r: t('read'), w: t('write'), d: t('delete') }
  const boxes = Object.entries(rights).map(([letter, label]) => [letter, label, h('input', { type: 'checkbox', checked: true, id: `right-${letter}` })])
  return form(t('Add an operator'), [
    field(t('Name'), name), field(t('Password'), password), field(t('Services, with commas'), services),
    h('div', { class: 'row' }, boxes.map(([, label, box]) => h('label', { class: 'field flag' }, box, h('span', { class: 'label' }, label)))),
  ], 'add-operator', () => add(present({
    name: name.value.trim(),
    password: password.value,
    services: services.value.trim() ? services.value.split(/[\s,]+/).filter(word => word) : undefined,
    rights: boxes.filter(([, , box]) => box.checked).map(([letter]) => letter).join(''),
  })))
}

function form(title, fields, id, submit) {
  return h('form', { onsubmit: event => { event.preventDefault(); submit() } },
    h('h3', null, title), h('div', { class: 'grid' }, fields),
    h('button', { type: 'submit', class: 'primary', id }, t('Add')))
}

const present = members => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== '' && value !== undefined))
