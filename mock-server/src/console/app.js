// The console: which page is shown, and what all pages share.

import { accountsPage } from './accounts.js'
import { onUnauthorised } from './api.js'
import { callbacksPage } from './callbacks.js'
import { clockPage } from './clock.js'
import { connectPage } from './connect.js'
import { fill } from './dom.js'
import { faultsPage } from './faults.js'
import { listenToKeys } from './keys.js'
import { start, subscribe } from './live.js'
import { askForToken } from './login.js'
import { objectsPage } from './objects.js'
import { showTheme } from './prefs.js'
import { purgesPage } from './purges.js'
import { reportPage } from './report.js'
import { requestsPage } from './requests.js'
import { parse } from './router.js'
import { shell } from './shell.js'
import { statePage } from './state.js'
import { tasksPage } from './tasks.js'
import { uploadsPage } from './uploads.js'
import { language, t } from './words.js'

const PAGES = {
  connect: connectPage,
  requests: requestsPage,
  objects: objectsPage,
  uploads: uploadsPage,
  tasks: tasksPage,
  callbacks: callbacksPage,
  purges: purgesPage,
  faults: faultsPage,
  clock: clockPage,
  state: statePage,
  accounts: accountsPage,
  report: reportPage,
}
const POLL_MS = 2000

let frame
let page = null
let shown = null

function route() {
  const where = parse(location.hash)
  const name = where.path[0] in PAGES ? where.path[0] : 'requests'
  if (name !== shown) {
    page?.destroy?.()
    page = PAGES[name]()
    shown = name
    fill(frame.main, page.element)
    frame.mark(name)
    frame.main.scrollTop = 0
  }
  document.title = `${page.title} · upyun-mock`
  page.show?.(where)
  page.refresh?.()
}

function mount() {
  document.documentElement.lang = language() === 'zh' ? 'zh-CN' : 'en'
  frame?.destroy()
  page?.destroy?.()
  frame = shell(mount)
  const old = document.querySelector('.shell')
  if (old) old.replaceWith(frame.element)
  else document.body.prepend(frame.element)
  shown = null
  page = null
  route()
}

let waiting = null
/** What a request changes elsewhere is fetched soon after it, but not for each of a thousand. */
function soon() {
  waiting ??= setTimeout(() => {
    waiting = null
    page?.refresh?.()
  }, 300)
}

function unexpected(error) {
  fill(frame.problem, t('The console made a mistake: {text}', { text: error?.message ?? String(error) }))
}

showTheme()
onUnauthorised(() => askForToken(() => {
  start()
  mount()
}))
window.addEventListener('hashchange', route)
window.addEventListener('error', event => unexpected(event.error ?? event.message))
window.addEventListener('unhandledrejection', event => unexpected(event.reason))
mount()
listenToKeys(() => page)
subscribe(appended => { if (appended !== 0) soon() })
setInterval(() => { if (!document.hidden) page?.refresh?.() }, POLL_MS)
start()
