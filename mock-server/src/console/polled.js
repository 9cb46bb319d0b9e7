// A part of a page that shows what one call answers, and is made anew only when the answer changed.

import { fill, h } from './dom.js'

export function polled(load, view, props) {
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
      if (this.data !== null) keepFocus(element, () => fill(element, view(this.data)))
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

/** A row that opens to show more; `opened` is the set of keys that are open. */
export function opener(opened, key, repaint) {
  const toggle = () => {
    if (opened.has(key)) opened.delete(key)
    else opened.add(key)
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
