// How to connect a program: the endpoint, a service and operator, and what to write in each language.

import { get } from './api.js'
import { button, h } from './dom.js'
import { polled } from './polled.js'
import { copy } from './toast.js'
import { t } from './words.js'

/** The names that a server without options has. */
const DEFAULTS = { service: 'demo', operator: 'operator' }

export function connectPage() {
  const part = polled(() => get('config'), view)
  return {
    title: t('Connect'),
    element: h('div', { class: 'page narrow' }, h('h1', null, t('Connect a program')), part.element),
    refresh: () => part.refresh(),
  }
}

function view({ services = [], operators = [] }) {
  const target = {
    url: location.origin,
    host: location.host,
    isHttps: location.protocol === 'https:',
    service: services[0] ?? DEFAULTS.service,
    operator: operators[0] ?? DEFAULTS.operator,
  }
  return [
    h('section', { class: 'card' }, h('dl', { class: 'facts' },
      fact(t('Endpoint'), target.url), fact(t('Service'), target.service), fact(t('Operator'), target.operator),
      h('div', null, h('dt', null, t('Password')), h('dd', null, t('as the server was started with; “password” without options'))))),
    h('p', null, t('Only “upyun-mock exec -- COMMAND” lets nothing out; http_proxy with the client’s default hosts refuses other hosts to clients that obey it, and a changed endpoint leaves hosts that are compiled in, like those of tasks and purges, to the real service.')),
    snippets(target).map(([title, code]) => h('section', { class: 'card snippet' },
      h('div', { class: 'rowline' }, h('h3', { class: 'grow' }, title),
        button(t('Copy'), () => copy(code), { class: 'quiet', 'aria-label': `${t('Copy')} ${title}`, 'data-key': title, 'data-row': true })),
      h('pre', { class: 'code' }, code))),
  ]
}

function fact(name, value) {
  return h('div', null, h('dt', null, name), h('dd', null, h('code', null, value)))
}

/** `[title, code]`: each stores an object, in the way that the client's documentation does it. */
export function snippets({ url, host, isHttps, service, operator }) {
  const protocol = isHttps ? 'https' : 'http'
  const s = JSON.stringify(service)
  const o = JSON.stringify(operator)
  return [
    [t('Any program, its own hosts: exec'), `upyun-mock exec --service ${service} --operator ${operator}:password -- npm test`],
    [t('Any program, its own hosts: http_proxy'), `export http_proxy=${url} no_proxy=\ncurl -u ${operator}:password -T hello.txt http://v0.api.upyun.com/${service}/hello.txt`],
    ['curl', `curl -u ${operator}:password -T hello.txt ${url}/${service}/hello.txt\ncurl -u ${operator}:password ${url}/${service}/hello.txt`],
    ['Python (upyun)', `import upyun\n\nup = upyun.UpYun(${s}, ${o}, "password", endpoint=${JSON.stringify(host)})\nup.put("/hello.txt", "hello")\nprint(up.get("/hello.txt"))`],
    ['Node (upyun)', `const upyun = require('upyun')\n\nconst service = new upyun.Service(${s}, ${o}, 'password')\nconst client = new upyun.Client(service, { protocol: '${protocol}', domain: ${JSON.stringify(host)} })\nclient.putFile('/hello.txt', 'hello').then(stored => console.log(stored))`],
    ['Go (github.com/upyun/go-sdk/v3)', `up := upyun.NewUpYun(&upyun.UpYunConfig{\n\tBucket: ${s}, Operator: ${o}, Password: "password",\n\tUseHTTP: ${!isHttps}, Hosts: map[string]string{"host": ${JSON.stringify(host)}},\n})\nerr := up.Put(&upyun.PutObjectConfig{Path: "/hello.txt", Reader: strings.NewReader("hello")})`],
    ['Java (com.upyun:java-sdk)', `RestManager manager = new RestManager(${s}, ${o}, "password").setApiDomain(${JSON.stringify(url)});\nmanager.writeFile("/hello.txt", "hello".getBytes(StandardCharsets.UTF_8), null);`],
    ['Rust (upyun-client)', `use upyun_client::{Client, Endpoint};\n\nlet client = Client::builder(${s}, ${o}, "password")\n    .endpoint(Endpoint::url(${JSON.stringify(url)}))\n    .build()?;\nclient.put("/hello.txt").body("hello").send().await?;`],
    [t('Programs that read the environment'), `export UPYUN_SERVICE=${service}\nexport UPYUN_USERNAME=${operator}\nexport UPYUN_PASSWORD=password\nexport UPYUN_ENDPOINT=${url}`],
  ]
}
