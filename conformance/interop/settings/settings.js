// The official Node SDK with the setting that the guide prints.
const assert = require('assert')
const fs = require('fs')
const upyun = require('upyun')

const address = process.env.SETTINGS_ADDRESS
const service = new upyun.Service('demo', 'operator', 'password')
const client = new upyun.Client(service, { protocol: 'http', domain: address })
client.setBodySignCallback(upyun.sign.getPolicyAndAuthorization)

async function main () {
  assert(await client.putFile('/a.txt', 'hello'))
  assert.equal(await client.getFile('/a.txt'), 'hello')
  assert(await client.blockUpload('/parts', __filename))
  const expiration = Math.floor(Date.now() / 1000) + 600
  await client.formPutFile('/{filename}{.suffix}', fs.createReadStream(__filename), { expiration })
  assert(await client.purge(['http://demo.b0.upaiyun.com/a.txt']))
}

main().then(() => process.exit(0), error => {
  console.error(error)
  process.exit(1)
})
