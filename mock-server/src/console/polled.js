// A part of a page that shows what one call answers, and is made anew only when the answer changed.

import { button, fill, h } from './dom.js'
import { go, replace } from './router.js'
import { t } from './words.js'

/** `opened` is the `OpenRows` of a list whose rows have addresses. */
export function polled(load, view, props, opened) {
  const element = h('div', props)
  let last = null
  let running = false
  return {
    element,
    /** The newest answer. */
    data: null,
    async refresh(force = false) {
      if (running) return
      running = true
      try {
        const data = await load()
        const text = JSON.stringify(data)
        this.data = data
        if (force || text !== last) {
          last = text
          keepFocus(element, () => fill(element, view(data)))
          opened?.scroll(element)
        }
      } catch (error) {
        last = null
        fill(element, h('div', { class: 'empty' }, error.message))
      } finally {
        running = false
      }
    },
    /** Shows the newest answer again, as after a row was opened. */
    repaint() {
      if (this.data === null) return
      keepFocus(element, () => fill(element, view(this.data)))
      opened?.scroll(element)
    },
  }
}

/** The row or button that had the focus gets it again, found by its `data-key`. */
function keepFocus(element, paint) {
  const key = element.contains(document.activeElement) ? document.activeElement.dataset.key : undefined
  paint()
  if (key === undefined) return
  for (const candidate of element.querySelectorAll('[data-key]')) {
    if (candidate.dataset.key === key) candidate.focus({ preventScroll: true })
  }
}

export function empty(title, text) {
  return h('div', { class: 'empty' }, h('h2', null, title), text && h('p', null, text))
}

/** Which rows of a page are open. The address names the row that was opened last, as in `#/tasks/<id>`. */
export class OpenRows {
  #page
  #keys = new Set()
  #addressed = null
  #isScrolled = true

  constructor(page) {
    this.#page = page
  }

  has(key) {
    return this.#keys.has(key)
  }

  toggle(key) {
    if (this.#keys.delete(key)) {
      if (this.#addressed === key) this.#address(null)
    } else {
      this.#keys.add(key)
      this.#address(key)
    }
    this.#isScrolled = true
  }

  #address(key) {
    this.#addressed = key
    replace(key === null ? [this.#page] : [this.#page, key])
  }

  /** Opens the row of an address. */
  show(route) {
    const key = route.path[1] ?? null
    if (key === this.#addressed) return
    this.#addressed = key
    if (key !== null) this.#keys.add(key)
    this.#isScrolled = key === null
  }

  /** The rows of a long list that are shown: the last `most`, and the one of the address. */
  newest(all, most, keyOf) {
    const shown = all.slice(-most)
    const addressed = all.find(one => keyOf(one) === this.#addressed)
    return addressed && !shown.includes(addressed) ? [addressed, ...shown] : shown
  }

  /** Says that the row of the address is not in the list; null if it is. */
  missing(all, keyOf, text) {
    if (this.#addressed === null || all.some(one => keyOf(one) === this.#addressed)) return null
    return h('div', { class: 'card missing' }, h('p', { class: 'bad' }, text(this.#addressed)),
      button(t('Show all'), () => go([this.#page]), { class: 'quiet' }))
  }

  /** Brings the row of the address into view, once. */
  scroll(element) {
    if (this.#isScrolled) return
    const row = [...element.querySelectorAll('[data-key]')].find(one => one.dataset.key === this.#addressed)
    if (!row) return
    this.#isScrolled = true
    row.scrollIntoView({ block: 'center' })
    row.focus({ preventScroll: true })
  }
}

/** A row that opens to show more; `opened` is an `OpenRows`. */
export function opener(opened, key, repaint) {
  const toggle = () => {
    opened.toggle(key)
    repaint()
  }
  return {
    'data-key': key,
    'data-row': true,
    tabindex: '0',
    role: 'button',
    'aria-expanded': String(opened.has(key)),
    onclick: toggle,
    onkeydown: event => {
      if (event.target === event.currentTarget && (event.key === 'Enter' || event.key === ' ')) {
        event.preventDefault()
        toggle()
      }
    },
  }
}
