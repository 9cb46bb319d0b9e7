module interop

go 1.21

require github.com/upyun/go-sdk/v3 v3.0.4
