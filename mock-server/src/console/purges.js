// The URLs whose caches were purged.

import { get } from './api.js'
import { h } from './dom.js'
import { dateTime } from './format.js'
import { empty, polled } from './polled.js'
import { t } from './words.js'

const MOST = 1000

export function purgesPage() {
  const list = polled(() => get('purges'), ({ purges }) => purges.length
    ? h('table', { class: 'rows stacked' },
      h('thead', null, h('tr', null, [t('Time'), 'URL', t('Service'), t('Operator')].map(title => h('th', null, title)))),
      h('tbody', null, purges.slice(-MOST).reverse().map(({ time_ms, url, service, operator }, at) =>
        h('tr', { 'data-row': true, 'data-key': String(at), tabindex: '0' },
          h('td', { class: 'nowrap' }, dateTime(time_ms)), h('td', { class: 'wrap path' }, url), h('td', null, service), h('td', null, operator)))))
    : empty(t('Nothing was purged'), t('URLs sent to purge.upyun.com are listed here.')))
  return {
    title: t('Purges'),
    element: h('div', { class: 'page' }, h('h1', null, t('Purges')), list.element),
    refresh: () => list.refresh(),
  }
}
