// The requests, live, and beside them the one that is open.

import { explained } from './causes.js'
import { button, fill, h, icon, select } from './dom.js'
import { isError, predicate } from './filter.js'
import { bytes, microseconds, number, statusClass, timeOfDay } from './format.js'
import { icons } from './icons.js'
import { VirtualList } from './list.js'
import { clear, live, pause, subscribe } from './live.js'
import { showRequest } from './request.js'
import { go, replace } from './router.js'
import { t } from './words.js'

const METHODS = ['GET', 'PUT', 'POST', 'HEAD', 'DELETE', 'PATCH', 'OPTIONS']
const APIS = ['rest', 'form', 'multipart', 'block', 'tasks', 'sync_tasks', 'purge', 'cdn']
const CHOICES = ['method', 'status', 'api', 'service', 'is']

/** Makes the page; gives what the shell calls: `open` with the route, `move` for j and k. */
export function requestsPage() {
  const list = new VirtualList({
    rowHeight: 32,
    label: t('Requests'),
    key: entry => entry.number,
    row: cells,
    open: entry => open(entry.number),
  })
  const search = h('input', {
    type: 'search', id: 'search', class: 'grow', placeholder: t('Search path, code, operator, id …'), 'aria-label': t('Search'),
    autocomplete: 'off', spellcheck: 'false', oninput: () => changed(),
    title: t('Words must all fit; also status:401, method:put, code:401, operator:…, is:error, -word'),
  })
  const choice = {
    method: select([['', t('any method')], ...METHODS.map(same)], ''),
    status: select([['', t('any status')], ...['2xx', '3xx', '4xx', '5xx'].map(same)], ''),
    api: select([['', t('any API')], ...APIS.map(same)], ''),
    service: select([['', t('any service')]], ''),
    is: select([['', t('all')], ['error', t('only errors')], ['faulted', t('only faulted')], ['fragile', t('only fragile')]], ''),
  }
  const labels = { method: t('Method'), status: t('Status'), api: 'API', service: t('Service'), is: t('Kind') }
  for (const name of CHOICES) {
    choice[name].setAttribute('aria-label', labels[name])
    choice[name].addEventListener('change', () => changed())
  }
  const pauseButton = button('', () => pause(!live.paused), { class: 'quiet', id: 'pause' })
  const count = h('span', { class: 'muted count', role: 'status', 'aria-live': 'off' })
  const empty = h('div', { class: 'empty', hidden: true })
  const detail = h('section', { class: 'detail', 'aria-label': t('Request'), tabindex: '-1', hidden: true })
  const element = h('div', { class: 'page requests' },
    h('div', { class: 'listpane' },
      h('div', { class: 'toolbar', role: 'search' },
        search, CHOICES.map(name => choice[name]),
        h('span', { class: 'actions' }, pauseButton,
          button(t('Clear'), () => clear(), { class: 'quiet', id: 'clear' }), count)),
      head(), list.element, empty),
    detail)

  let fits = () => true
  let shown = []
  let current = null
  const services = new Set()

  function changed() {
    refilter()
    replace(current === null ? ['requests'] : ['requests', String(current)], query())
  }

  function query() {
    const values = {}
    if (search.value.trim()) values.q = search.value.trim()
    for (const name of CHOICES) if (choice[name].value) values[name] = choice[name].value
    return Object.keys(values).length ? values : undefined
  }

  function refilter() {
    fits = predicate(search.value, Object.fromEntries(CHOICES.map(name => [name, choice[name].value])))
    shown = live.entries.filter(fits)
    learn(live.entries)
    list.setItems(shown)
    tell()
  }

  /** Only new entries are looked at, unless everything changed. */
  function grown(appended) {
    if (appended === null) return refilter()
    if (appended > 0) {
      const news = live.entries.slice(-appended)
      learn(news)
      const fitting = news.filter(fits)
      shown = fitting.length ? shown.concat(fitting) : shown
      list.setItems(shown, fitting.length)
    }
    tell()
  }

  function learn(entries) {
    for (const { service } of entries) {
      if (!service || services.has(service)) continue
      services.add(service)
      choice.service.append(h('option', { value: service }, service))
    }
  }

  function tell() {
    const total = live.entries.length
    fill(count, shown.length === total
      ? t('{n} requests', { n: number(total) })
      : t('{n} of {total}', { n: number(shown.length), total: number(total) }))
    fill(pauseButton, icon(live.paused ? icons.play : icons.pause),
      live.paused ? t('Go on') + (live.held.length ? ` (${number(live.held.length)})` : '') : t('Pause'))
    pauseButton.setAttribute('aria-pressed', String(live.paused))
    empty.hidden = shown.length > 0
    if (!shown.length) fill(empty, total ? t('No request fits this search.') : nothingYet())
  }

  function open(number) {
    go(['requests', String(number)], query())
  }

  const unsubscribe = subscribe(grown)
  refilter()
  return {
    element,
    title: t('Requests'),
    show(route) {
      const number = Number.parseInt(route.path[1] ?? '', 10)
      const wanted = { q: '', ...Object.fromEntries(route.query) }
      if (wanted.q !== search.value.trim() || CHOICES.some(name => (wanted[name] ?? '') !== choice[name].value)) {
        search.value = wanted.q
        for (const name of CHOICES) {
          if (name === 'service' && wanted.service) learn([{ service: wanted.service }])
          choice[name].value = wanted[name] ?? ''
        }
        refilter()
      }
      current = Number.isNaN(number) ? null : number
      element.classList.toggle('split', current !== null)
      detail.hidden = current === null
      if (current === null) fill(detail)
      else showRequest(detail, current, { close: () => go(['requests'], query()), isCurrent: n => n === current })
      list.select(current ?? list.selected)
    },
    move(step) {
      const item = list.move(step)
      if (item && current !== null) open(item.number)
      else list.element.focus()
    },
    enter() {
      const index = list.selectedIndex()
      if (index >= 0) open(list.at(index).number)
    },
    back() {
      if (current === null) return false
      go(['requests'], query())
      list.element.focus()
      return true
    },
    search,
    destroy: unsubscribe,
  }
}

const same = text => [text, text]

function head() {
  const cell = (name, text) => h('span', { class: `c-${name}`, role: 'columnheader' }, text)
  return h('div', { class: 'vhead', role: 'row' },
    cell('time', t('Time')), cell('method', t('Method')), cell('status', t('Status')), cell('path', t('Path')), cell('marks', ''),
    cell('api', 'API'), cell('operator', t('Operator')), cell('size', t('Size')), cell('duration', t('Duration')))
}

function cells(entry) {
  const cell = (name, ...content) => h('span', { class: `c-${name}`, role: 'gridcell' }, ...content)
  const size = Math.max(entry.bytes_in, entry.bytes_out)
  return [
    cell('time', timeOfDay(entry.time_ms)),
    cell('method', h('b', { class: `m-${METHODS.includes(entry.method) ? entry.method : 'other'}` }, entry.method)),
    cell('status', h('span', { class: `status ${statusClass(entry.status)}` }, entry.status || '✕')),
    cell('path', h('span', { class: isError(entry) ? 'path error' : 'path', title: entry.path }, entry.path)),
    cell('marks', marks(entry)),
    cell('api', entry.api ?? ''),
    cell('operator', entry.operator ?? ''),
    cell('size', size ? bytes(size) : ''),
    cell('duration', microseconds(entry.duration_us)),
  ]
}

function marks(entry) {
  const faults = entry.faults ?? []
  const fragile = entry.fragile ?? []
  return [
    faults.length > 0 && h('span', { class: 'mark faulted', title: `${t('faulted')}: ${faults.map(fault => explained(fault.did)).join('; ')}` }, t('faulted')),
    fragile.length > 0 && h('span', { class: 'mark fragile', title: `${t('fragile')}: ${fragile.join(', ')}` }, t('fragile')),
    entry.explanation && h('span', { class: 'mark why', title: explained(entry.explanation.cause) }, t('why?')),
  ]
}

function nothingYet() {
  const example = `curl -u operator:password -T README.md ${location.origin}/demo/README.md`
  return [
    h('h2', null, t('No request yet')),
    h('p', null, t('They appear here as they come. Try:')),
    h('pre', { class: 'code' }, example),
    h('p', null, h('a', { href: '#/connect' }, t('How to connect a program'))),
  ]
}
