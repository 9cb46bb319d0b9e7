// What the program under test never did, and what it does that may break.

import { get } from './api.js'
import { h } from './dom.js'
import { number, statusClass } from './format.js'
import { empty, polled } from './polled.js'
import { t } from './words.js'

export function reportPage() {
  const part = polled(() => get('report'), view)
  return {
    title: t('Report'),
    element: h('div', { class: 'page narrow' }, h('h1', null, t('What did my tests never do?')), part.element),
    refresh: () => part.refresh(),
  }
}

function view(report) {
  if (!report.requests) return empty(t('No request yet'), t('Run your tests against this server, then look here.'))
  const { operations = [], codes = [], features = [], fragile = [] } = report
  return [
    h('p', { class: 'muted' }, t('{n} requests', { n: number(report.requests) })),
    fragile.length > 0 && h('section', { class: 'card fragilecard' }, h('h3', null, t('Legal, but fragile')), fragile.map(fragileView)),
    section(t('Operations'), operations, one => [h('span', { class: 'grow' }, t(one.title ?? one.id)), h('code', { class: 'muted' }, one.id)], one => one.requests),
    section(t('Optional features'), features, one => h('span', { class: 'grow' }, t(one.title ?? one.id)), one => one.seen),
    codesView(codes),
  ]
}

function fragileView({ title, why, requests, examples = [] }) {
  return h('div', { class: 'finding' },
    h('b', null, t(title)), ' ', h('span', { class: 'muted' }, t('{n} requests', { n: number(requests) })),
    h('p', null, t(why)),
    examples.length > 0 && h('p', { class: 'muted' }, t('for example'), ' ', examples.map((example, at) =>
      [at ? ', ' : '', h('a', { href: `#/requests/${Number(example)}` }, `#${example}`)])))
}

function section(title, all, label, count) {
  const never = all.filter(one => !count(one))
  const done = all.filter(one => count(one))
  return h('section', { class: 'card' },
    h('h3', null, title, h('span', { class: 'muted' }, ` ${t('{n} of {total}', { n: done.length, total: all.length })}`)),
    h('div', { class: 'coverage', 'aria-hidden': 'true' }, all.map(one => h('i', { class: count(one) ? 'met' : '' }))),
    never.length > 0 && [h('h4', null, t('never')), h('ul', { class: 'checklist never' }, never.map(one => h('li', null, label(one))))],
    done.length > 0 && h('details', null, h('summary', null, t('met ({n})', { n: done.length })),
      h('ul', { class: 'checklist' }, done.map(one => h('li', null, label(one), h('span', { class: 'numbers' }, number(count(one))))))))
}

/** The codes by status, as 258 in a row would not be read. */
function codesView(codes) {
  const groups = group(codes)
  const met = codes.filter(code => code.seen).length
  return h('section', { class: 'card' },
    h('h3', null, t('Error codes'), h('span', { class: 'muted' }, ` ${t('{n} of {total}', { n: met, total: codes.length })}`)),
    [...groups].map(([status, members]) => h('details', null,
      h('summary', null, h('span', { class: `status ${statusClass(status)}` }, status), ' ',
        t('{n} of {total}', { n: members.filter(code => code.seen).length, total: members.length })),
      h('ul', { class: 'checklist' }, members.map(({ code, message, seen }) =>
        h('li', { class: seen ? '' : 'never' }, h('code', null, code), h('span', { class: 'grow' }, message),
          h('span', { class: 'numbers' }, seen ? h('a', { href: `#/requests?q=${encodeURIComponent(`code:${code}`)}` }, number(seen)) : t('never'))))))))
}

const statusOf = ({ code }) => Math.floor(code / 100_000)

function group(codes) {
  const groups = new Map()
  for (const code of codes) {
    const status = statusOf(code)
    if (!groups.has(status)) groups.set(status, [])
    groups.get(status).push(code)
  }
  return groups
}
