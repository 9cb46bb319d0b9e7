// What is around every page: navigation, the server's clock, language and theme.

import { get } from './api.js'
import { fill, h, icon } from './dom.js'
import { compact, number } from './format.js'
import { icons } from './icons.js'
import { keyHelp } from './keys.js'
import { live, subscribe } from './live.js'
import { THEMES, setTheme, theme } from './prefs.js'
import { clockText, readClock, serverClock } from './server-clock.js'
import { language, setLanguage, t } from './words.js'

export const PAGES = [
  ['connect', 'Connect'],
  ['requests', 'Requests'],
  ['objects', 'Objects'],
  ['uploads', 'Uploads'],
  ['tasks', 'Tasks'],
  ['callbacks', 'Callbacks'],
  ['purges', 'Purges'],
  null,
  ['faults', 'Faults'],
  ['clock', 'Clock'],
  ['state', 'State'],
  ['accounts', 'Accounts'],
  null,
  ['report', 'Report'],
]

/** `mount` makes everything anew, as after a change of language. */
export function shell(mount) {
  const links = new Map()
  const badges = new Map()
  const nav = h('nav', { 'aria-label': t('Pages') }, PAGES.map(page => {
    if (!page) return h('hr')
    const [name, title] = page
    const badge = h('span', { class: 'badge', hidden: true })
    const link = h('a', { href: `#/${name}`, title: t(title) }, icon(icons[name]), h('span', { class: 'grow' }, t(title)), badge)
    links.set(name, link)
    badges.set(name, badge)
    return link
  }))
  const main = h('main', { id: 'main', tabindex: '-1' })
  const problem = h('div', { class: 'problem', role: 'alert' })
  const connection = h('span', { class: 'connection', role: 'status' })
  const clock = h('a', { class: 'clockchip', href: '#/clock', title: t('The server’s clock') })
  const version = h('span', { class: 'version muted' })
  const element = h('div', { class: 'shell' },
    h('a', { class: 'skip', href: '#main', onclick: event => { event.preventDefault(); main.focus() } }, t('Skip to the content')),
    h('header', { class: 'top' },
      h('a', { class: 'brand', href: '#/requests' }, h('img', { src: '/_mock/assets/favicon.svg', alt: '', width: '22', height: '22' }),
        h('b', null, 'upyun-mock'), version),
      connection, h('span', { class: 'spring' }), clock, languageSwitch(mount), themeSwitch(),
      h('button', { type: 'button', class: 'quiet iconic', onclick: keyHelp, 'aria-label': t('Keyboard shortcuts'), title: t('Keyboard shortcuts') }, '?')),
    nav, main, problem)

  const tellConnection = () => {
    const words = { live: t('live'), connecting: t('connecting …'), lost: t('no connection') }
    connection.className = `connection ${live.state}`
    fill(connection, words[live.state])
  }
  const tick = () => {
    clock.classList.toggle('frozen', serverClock.frozen)
    fill(clock, icon(icons.clock), h('span', null, clockText()), serverClock.frozen && h('span', { class: 'mark' }, t('frozen')))
  }
  const showCurrent = () => nav.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  const count = (name, n) => {
    const badge = badges.get(name)
    if (!badge) return
    if (badge.hidden === Boolean(n)) {
      badge.hidden = !n
      showCurrent()
    }
    badge.title = number(n)
    fill(badge, compact(n))
  }
  const countRequests = () => count('requests', live.entries.length + live.held.length)
  const countOthers = async () => {
    const counts = await get('counts').catch(() => ({}))
    for (const [name, n] of Object.entries(counts)) count(name, n)
  }
  let counting = null
  const unsubscribe = subscribe(() => {
    tellConnection()
    countRequests()
    counting ??= setTimeout(() => { counting = null; countOthers() }, 500)
  })
  const timer = setInterval(tick, 500)
  const reading = setInterval(() => {
    if (document.hidden) return
    readClock()
    countOthers()
  }, 5000)
  tellConnection()
  countRequests()
  countOthers()
  readClock().then(tick)
  get('health').then(health => fill(version, health.version)).catch(() => {})
  return {
    element, main, problem,
    mark(current) {
      for (const [name, link] of links) {
        if (name === current) link.setAttribute('aria-current', 'page')
        else link.removeAttribute('aria-current')
      }
      showCurrent()
    },
    destroy() {
      unsubscribe()
      clearTimeout(counting)
      clearInterval(timer)
      clearInterval(reading)
    },
  }
}

function languageSwitch(mount) {
  const other = language() === 'zh' ? 'en' : 'zh'
  return h('button', {
    type: 'button', class: 'quiet', id: 'language', lang: other === 'zh' ? 'zh-CN' : 'en',
    'aria-label': other === 'zh' ? '中文' : 'English',
    onclick: () => {
      setLanguage(other)
      mount()
    },
  }, other === 'zh' ? '中文' : 'EN')
}

function themeSwitch() {
  const looks = { auto: icons.auto, light: icons.sun, dark: icons.moon }
  const names = { auto: 'like the system', light: 'light', dark: 'dark' }
  const button = h('button', { type: 'button', class: 'quiet iconic', id: 'theme' })
  const paint = () => {
    fill(button, icon(looks[theme()]))
    const label = t('Theme: {name}', { name: t(names[theme()]) })
    button.setAttribute('aria-label', label)
    button.title = label
  }
  button.addEventListener('click', () => {
    setTheme(THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length])
    paint()
  })
  paint()
  return button
}
