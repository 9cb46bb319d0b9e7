// The control token, asked for when the server answers 401.

import { post } from './api.js'
import { fill, h } from './dom.js'
import { show } from './toast.js'
import { t } from './words.js'

let asking = false

/** `done` is called when the server has taken the token. */
export function askForToken(done) {
  if (asking) return
  asking = true
  const input = h('input', { type: 'password', id: 'token', autocomplete: 'current-password', 'aria-label': t('Control token'), required: true })
  const problem = h('p', { class: 'bad', role: 'alert' })
  const submit = async event => {
    event.preventDefault()
    try {
      await post('login', { token: input.value })
      dialog.close()
      done()
    } catch (error) {
      fill(problem, error.message)
      input.select()
    }
  }
  const dialog = show(t('This server is guarded'), h('form', { class: 'login', onsubmit: submit },
    h('p', null, t('Enter the token that it was started with (--control-token).')),
    h('div', { class: 'row' }, input, h('button', { type: 'submit', class: 'primary' }, t('Log in'))), problem))
  dialog.addEventListener('cancel', event => event.preventDefault())
  dialog.addEventListener('close', () => { asking = false })
  input.focus()
}
