// What is around every page: navigation, the server's clock, language and theme.

import { get } from './api.js'
import { fill, h, icon } from './dom.js'
import { icons } from './icons.js'
import { keyHelp } from './keys.js'
import { live, subscribe } from './live.js'
import { THEMES, setTheme, theme } from './prefs.js'
import { clockText, readClock, serverClock } from './server-clock.js'
import { language, setLanguage, t } from './words.js'

export const PAGES = [
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
  const nav = h('nav', { 'aria-label': t('Pages') }, PAGES.map(page => {
    if (!page) return h('hr')
    const [name, title] = page
    const link = h('a', { href: `#/${name}`, title: t(title) }, icon(icons[name]), h('span', null, t(title)))
    links.set(name, link)
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
  const unsubscribe = subscribe(tellConnection)
  const timer = setInterval(tick, 500)
  const reading = setInterval(() => { if (!document.hidden) readClock() }, 5000)
  tellConnection()
  readClock().then(tick)
  get('health').then(health => fill(version, health.version)).catch(() => {})
  return {
    element, main, problem,
    mark(current) {
      for (const [name, link] of links) {
        if (name === current) link.setAttribute('aria-current', 'page')
        else link.removeAttribute('aria-current')
      }
      links.get(current)?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    },
    destroy() {
      unsubscribe()
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
