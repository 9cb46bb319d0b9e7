// The keyboard: j and k, Enter, /, Esc, ? and g with a letter.

import { button, h } from './dom.js'
import { go } from './router.js'
import { show } from './toast.js'
import { t } from './words.js'

const PAGES = { n: 'connect', r: 'requests', o: 'objects', u: 'uploads', t: 'tasks', c: 'callbacks', p: 'purges', f: 'faults', l: 'clock', s: 'state', a: 'accounts', e: 'report' }

let afterG = false

/** `current` gives the page that is shown. */
export function listenToKeys(current) {
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return
    if (event.key === 'Escape') return escape(current(), event)
    if (isTyping(event.target)) return
    if (afterG) {
      afterG = false
      if (event.key in PAGES) go([PAGES[event.key]])
      return
    }
    const act = KEYS[event.key]
    if (!act) return
    if (act(current(), event) !== false) event.preventDefault()
  })
}

const KEYS = {
  j: page => move(page, 1),
  k: page => move(page, -1),
  '/': page => (page.search ?? document.querySelector('main input'))?.focus(),
  '?': () => keyHelp(),
  g: () => {
    afterG = true
    setTimeout(() => { afterG = false }, 1500)
  },
  Enter: (page, event) => {
    if (!page.enter || event.target.closest('a, button, summary, [role=button], .vlist')) return false
    page.enter()
    return true
  },
}

function isTyping(target) {
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

function escape(page, event) {
  if (isTyping(event.target)) {
    event.target.blur()
  } else if (page.back?.()) {
    event.preventDefault()
  }
}

/** Pages without a list of their own move the focus from row to row. */
function move(page, step) {
  if (page.move) return page.move(step)
  const rows = [...document.querySelectorAll('main [data-row]')]
  const at = rows.indexOf(document.activeElement)
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step
  rows[Math.min(rows.length - 1, Math.max(0, next))]?.focus()
}

export function keyHelp() {
  const rows = [
    ['j k', t('next, previous')],
    ['Enter', t('open')],
    ['/', t('search')],
    ['Esc', t('close, leave a field')],
    ['g n', t('Connect')], ['g r', t('Requests')], ['g o', t('Objects')], ['g u', t('Uploads')], ['g t', t('Tasks')], ['g c', t('Callbacks')], ['g p', t('Purges')],
    ['g f', t('Faults')], ['g l', t('Clock')], ['g s', t('State')], ['g a', t('Accounts')], ['g e', t('Report')],
    ['?', t('this help')],
  ]
  const dialog = show(t('Keyboard shortcuts'),
    h('dl', { class: 'keys' }, rows.map(([keys, what]) =>
      h('div', null, h('dt', null, keys.split(' ').map(key => h('kbd', null, key))), h('dd', null, what)))),
    button(t('Close'), () => dialog.close()))
}
