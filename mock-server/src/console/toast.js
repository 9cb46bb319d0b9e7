// Short notices at the foot of the page, and questions before something is lost.

import { button, fill, h } from './dom.js'
import { t } from './words.js'

const place = h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' })
document.body.append(place)

export function toast(text, kind = 'info') {
  const note = h('div', { class: `toast ${kind}` }, text)
  place.append(note)
  setTimeout(() => note.remove(), kind === 'error' ? 8000 : 3000)
}

/** Runs an action; what goes wrong is told. Gives its result, or undefined. */
export async function attempt(action) {
  try {
    return await action()
  } catch (error) {
    toast(error.message, 'error')
    return undefined
  }
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
    toast(t('Copied'))
  } catch {
    // Without a permission or on plain HTTP beyond loopback: by hand.
    const area = h('textarea', { class: 'code', rows: '8', readonly: true, value: text })
    const dialog = show(t('Copy this'), area, button(t('Close'), () => dialog.close()))
    area.select()
  }
}

/** Asks before an action that cannot be undone. */
export function confirm(question, verb) {
  return new Promise(resolve => {
    let answer = false
    const dialog = show(question, null,
      button(t('Cancel'), () => dialog.close()),
      button(verb, () => { answer = true; dialog.close() }, { class: 'danger', autofocus: true }))
    dialog.addEventListener('close', () => resolve(answer))
  })
}

/** A modal dialogue, which is gone when it is closed. */
export function show(title, content, ...buttons) {
  const dialog = h('dialog', { 'aria-label': title })
  fill(dialog, h('h2', null, title), content, h('div', { class: 'buttons' }, buttons))
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
  return dialog
}
