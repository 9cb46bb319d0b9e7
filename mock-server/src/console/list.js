// A list of which only the rows in view exist, so that 100,000 requests scroll like ten.

import { h } from './dom.js'

const OVERSCAN = 8

export class VirtualList {
  /**
   * `row(item)` makes a row's cells, `key(item)` names it for ever: rows are made once and only moved.
   * `open(item)` is called on a click or Enter.
   */
  constructor({ rowHeight, label, row, key, open }) {
    Object.assign(this, { rowHeight, row, key, open })
    this.items = []
    this.rows = new Map()
    this.selected = null
    this.body = h('div', { class: 'vbody', role: 'rowgroup' })
    this.element = h('div', {
      class: 'vlist',
      role: 'grid',
      tabindex: '0',
      'aria-label': label,
      onscroll: () => this.paint(),
      onkeydown: event => this.keydown(event),
    }, this.body)
    this.watch = new ResizeObserver(() => this.paint())
    this.watch.observe(this.element)
  }

  /** Shows these items, the last first. Rows that are in view stay where they are. */
  setItems(items, appended = 0) {
    const scroll = this.element.scrollTop
    this.items = items
    this.body.style.height = `${items.length * this.rowHeight}px`
    this.element.setAttribute('aria-rowcount', items.length)
    if (appended > 0 && scroll > 0) this.element.scrollTop = scroll + appended * this.rowHeight
    this.paint()
  }

  at(index) {
    return this.items[this.items.length - 1 - index]
  }

  /** Where the selected item stands, −1 if it is not in the list. Numbers grow, so halving finds it. */
  selectedIndex() {
    if (this.selected === null) return -1
    let [low, high] = [0, this.items.length - 1]
    while (low <= high) {
      const middle = (low + high) >> 1
      const key = this.key(this.items[middle])
      if (key === this.selected) return this.items.length - 1 - middle
      if (key < this.selected) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  paint() {
    const { scrollTop, clientHeight } = this.element
    const first = Math.max(0, Math.floor(scrollTop / this.rowHeight) - OVERSCAN)
    const last = Math.min(this.items.length, Math.ceil((scrollTop + clientHeight) / this.rowHeight) + OVERSCAN)
    const wanted = new Set()
    for (let index = first; index < last; index += 1) {
      const item = this.at(index)
      const key = this.key(item)
      wanted.add(key)
      const row = this.rows.get(key) ?? this.make(item, key)
      row.style.transform = `translateY(${index * this.rowHeight}px)`
      row.setAttribute('aria-rowindex', index + 1)
      const selected = key === this.selected
      row.classList.toggle('selected', selected)
      row.setAttribute('aria-selected', String(selected))
    }
    for (const [key, row] of this.rows) {
      if (wanted.has(key)) continue
      row.remove()
      this.rows.delete(key)
    }
    const id = wanted.has(this.selected) ? `row-${this.selected}` : null
    if (id) this.element.setAttribute('aria-activedescendant', id)
    else this.element.removeAttribute('aria-activedescendant')
  }

  make(item, key) {
    const row = h('div', { class: 'vrow', role: 'row', id: `row-${key}`, onclick: () => this.open(item) }, this.row(item))
    row.style.height = `${this.rowHeight}px`
    this.rows.set(key, row)
    this.body.append(row)
    return row
  }

  /** Forgets what the rows look like, as after a change of language. */
  renew() {
    for (const row of this.rows.values()) row.remove()
    this.rows.clear()
    this.paint()
  }

  select(key) {
    this.selected = key
    this.reveal()
    this.paint()
  }

  reveal() {
    const index = this.selectedIndex()
    if (index < 0) return
    const top = index * this.rowHeight
    const { scrollTop, clientHeight } = this.element
    if (top < scrollTop) this.element.scrollTop = top
    else if (top + this.rowHeight > scrollTop + clientHeight) this.element.scrollTop = top + this.rowHeight - clientHeight
  }

  /** Selects the next (1) or the previous (−1) item and gives it. */
  move(step) {
    if (!this.items.length) return null
    const now = this.selectedIndex()
    const next = Math.min(this.items.length - 1, Math.max(0, now + step))
    const item = this.at(next)
    this.select(this.key(item))
    return item
  }

  keydown(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20, Home: -Infinity, End: Infinity }
    if (event.key in steps && !event.ctrlKey && !event.metaKey) {
      event.preventDefault()
      event.stopPropagation()
      this.move(steps[event.key])
    } else if (event.key === 'Enter' && this.selected !== null) {
      const index = this.selectedIndex()
      if (index >= 0) this.open(this.at(index))
    }
  }
}
