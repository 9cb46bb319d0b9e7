// The official Node SDK with its own hosts.
const fs = require('fs')
const os = require('os')
const path = require('path')
const assert = require('assert')
const upyun = require('upyun')

const service = new upyun.Service('demo', 'operator', 'password')
const client = new upyun.Client(service)
client.setBodySignCallback(upyun.sign.getPolicyAndAuthorization)
const failed = []

async function check (operation, run) {
  try {
    await run()
    console.log(`${operation}\tworks`)
  } catch (error) {
    console.log(`${operation}\tFAILS: ${error.message.split('\n').join(' ')}`)
    failed.push(operation)
  }
}

async function main () {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'upyun-'))
  const file = path.join(folder, 'file.bin')
  const content = Buffer.alloc(2500000, 'abcdefg')
  fs.writeFileSync(file, content)

  await check('put, get', async () => {
    assert(await client.putFile('/node/text.txt', 'hello'))
    assert.equal(await client.getFile('/node/text.txt'), 'hello')
    assert(await client.putFile('/node/binary', fs.createReadStream(file)))
    const to = path.join(folder, 'got')
    const stream = fs.createWriteStream(to)
    const ended = new Promise(resolve => stream.on('finish', resolve))
    await client.getFile('/node/binary', stream)
    await ended
    assert(fs.readFileSync(to).equals(content))
  })
  await check('names', async () => {
    assert(await client.putFile('/node/中文 名+1.txt', 'x'))
    assert.equal(await client.getFile('/node/中文 名+1.txt'), 'x')
  })
  await check('info, usage', async () => {
    assert.equal((await client.headFile('/node/text.txt')).size, 5)
    assert(await client.usage() > 0)
  })
  await check('lists', async () => {
    for (let n = 0; n < 5; n++) await client.putFile(`/node/list/${n}`, 'x')
    let names = []
    let iter = ''
    do {
      const page = await client.listDir('/node/list', { limit: 2, iter })
      names = names.concat(page.files.map(file => file.name))
      iter = page.next
    } while (iter !== 'g2gCZAAEbmV4dGQAA2VvZg')
    assert.deepEqual(names, ['0', '1', '2', '3', '4'])
  })
  await check('folders', async () => {
    assert(await client.makeDir('/node/folder'))
    assert.equal((await client.headFile('/node/folder')).type, 'folder')
    assert(await client.deleteFile('/node/folder'))
  })
  await check('copy, move', async () => {
    assert(await client.copy('/node/copy.txt', '/node/text.txt'))
    assert(await client.move('/node/moved.txt', '/node/copy.txt'))
    assert.equal(await client.getFile('/node/moved.txt'), 'hello')
  })
  await check('delete', async () => {
    assert(await client.deleteFile('/node/moved.txt'))
  })
  await check('parts in order', async () => {
    assert(await client.blockUpload('/node/parts', file))
    assert.equal((await client.headFile('/node/parts')).size, content.length)
  })
  await check('parts at once', async () => {
    const { uuid, partCount } = await client.initMultipartUpload('/node/parallel', file)
    const parts = [...Array(partCount).keys()].reverse()
    const sent = await Promise.all(parts.map(part => client.multipartUpload('/node/parallel', file, uuid, part)))
    assert(sent.every(Boolean))
    assert(await client.completeMultipartUpload('/node/parallel', uuid))
    assert.equal((await client.headFile('/node/parallel')).size, content.length)
  })
  const form = async () => {
    const expiration = Math.floor(Date.now() / 1000) + 600
    const told = await client.formPutFile('/node/{filename}{.suffix}', fs.createReadStream(file), { expiration })
    assert.equal(told.url, '/node/file.bin')
  }
  // The library that sends forms knows no proxies, and would look for the real host.
  if (process.env.HTTPS_PROXY) console.log('form\tignores the proxy')
  else await check('form', form)
  await check('purge', async () => {
    assert(await client.purge(['http://demo.b0.upaiyun.com/node/text.txt', 'http://demo.b0.upaiyun.com/b']))
    await assert.rejects(client.purge('http://invalid.upyun.com/a'), /invalid.upyun.com/)
  })
  await check('404 and 401', async () => {
    assert.equal(await client.getFile('/node/none'), false)
    const stranger = new upyun.Client(new upyun.Service('demo', 'operator', 'wrong'))
    await assert.rejects(stranger.putFile('/node/x', 'x'), /401|signature/)
  })
  fs.rmSync(folder, { recursive: true })
}

main().then(() => process.exit(failed.length ? 1 : 0))
