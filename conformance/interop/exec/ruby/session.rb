# Ruby with its own HTTP library: the published SDK cannot be had from a registry that CI reaches.

require 'digest'
require 'erb'
require 'net/http'
require 'openssl'
require 'time'

HOST = 'v0.api.upyun.com'
$failed = false

# Sends a signed request; gives the answer.
def ask(method, path, body = nil, password: 'password', headers: {})
  date = Time.now.httpdate
  key = Digest::MD5.hexdigest(password)
  signature = [OpenSSL::HMAC.digest('sha1', key, "#{method}&#{path}&#{date}")].pack('m0')
  headers = headers.merge('Date' => date, 'Authorization' => "UPYUN operator:#{signature}")
  Net::HTTP.start(HOST, 443, use_ssl: true) { |http| http.send_request(method, path, body, headers) }
end

def check(operation)
  result = yield ? 'works' : 'FAILS'
rescue StandardError => e
  result = "FAILS: #{e.message}"
ensure
  puts "#{operation}\t#{result}"
  $failed ||= result != 'works'
end

check('put, get') do
  ask('PUT', '/demo/ruby/a.txt', 'hello').code == '200' && ask('GET', '/demo/ruby/a.txt').body == 'hello'
end
check('names') do
  path = "/demo/ruby/#{ERB::Util.url_encode('中文 名+1.txt')}"
  ask('PUT', path, 'x').code == '200' && ask('GET', path).body == 'x'
end
check('info, usage') do
  ask('HEAD', '/demo/ruby/a.txt')['x-upyun-file-size'] == '5' && ask('GET', '/demo/?usage').body.to_i.positive?
end
check('lists') { ask('GET', '/demo/ruby/').body.start_with?("a.txt\tN\t5\t") }
check('folders') do
  ask('POST', '/demo/ruby/folder', '', headers: { 'folder' => 'true' }).code == '200' &&
    ask('DELETE', '/demo/ruby/folder').code == '200'
end
check('delete') { ask('DELETE', '/demo/ruby/a.txt').code == '200' }
check('404 and 401') do
  ask('GET', '/demo/ruby/none').code == '404' && ask('GET', '/demo/ruby/none', password: 'wrong').code == '401'
end
exit($failed ? 1 : 0)
