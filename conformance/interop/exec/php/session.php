<?php
// PHP with its own HTTP functions: the published SDK cannot be had from a registry that CI reaches.

$failed = 0;

/** Sends a signed request; gives the status and the body. */
function ask($method, $path, $body = null, $password = 'password', $headers = [])
{
    $date = gmdate('D, d M Y H:i:s') . ' GMT';
    $signature = base64_encode(hash_hmac('sha1', "$method&$path&$date", md5($password), true));
    $headers = array_merge($headers, ["Date: $date", "Authorization: UPYUN operator:$signature"]);
    if ($body !== null) {
        $headers[] = 'Content-Type: text/plain';
    }
    $options = ['method' => $method, 'header' => $headers, 'content' => $body ?? '', 'ignore_errors' => true];
    $answer = file_get_contents("https://v0.api.upyun.com$path", false, stream_context_create(['http' => $options]));
    preg_match('/ (\d+)/', $http_response_header[0], $status);
    return [(int) $status[1], $answer, implode("\n", $http_response_header)];
}

function check($operation, $works)
{
    global $failed;
    try {
        $result = $works() ? 'works' : 'FAILS';
    } catch (Throwable $error) {
        $result = 'FAILS: ' . $error->getMessage();
    }
    echo "$operation\t$result\n";
    $failed |= $result !== 'works';
}

check('put, get', fn () => ask('PUT', '/demo/php/a.txt', 'hello')[0] === 200
    && ask('GET', '/demo/php/a.txt')[1] === 'hello');
check('names', fn () => ask('PUT', '/demo/php/' . rawurlencode('中文 名+1.txt'), 'x')[0] === 200
    && ask('GET', '/demo/php/' . rawurlencode('中文 名+1.txt'))[1] === 'x');
check('info, usage', fn () => stripos(ask('HEAD', '/demo/php/a.txt')[2], 'x-upyun-file-size: 5') !== false
    && (int) ask('GET', '/demo/?usage')[1] > 0);
check('lists', fn () => str_starts_with(ask('GET', '/demo/php/')[1], "a.txt\tN\t5\t"));
check('folders', fn () => ask('POST', '/demo/php/folder', '', 'password', ['folder: true'])[0] === 200
    && ask('DELETE', '/demo/php/folder')[0] === 200);
check('delete', fn () => ask('DELETE', '/demo/php/a.txt')[0] === 200);
check('404 and 401', fn () => ask('GET', '/demo/php/none')[0] === 404
    && ask('GET', '/demo/php/none', null, 'wrong')[0] === 401);
exit($failed ? 1 : 0);
