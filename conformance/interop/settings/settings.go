// The official Go SDK with the setting that the guide prints.
package main

import (
	"os"
	"strings"

	"github.com/upyun/go-sdk/v3/upyun"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	address := os.Getenv("SETTINGS_ADDRESS")
	up := upyun.NewUpYun(&upyun.UpYunConfig{
		Bucket: "demo", Operator: "operator", Password: "password",
		UseHTTP: true, Hosts: map[string]string{"host": address},
	})
	must(up.Put(&upyun.PutObjectConfig{Path: "/a.txt", Reader: strings.NewReader("hello")}))
	_, err := up.InitMultipartUpload(&upyun.InitMultipartUploadConfig{Path: "/parts", PartSize: 1 << 20})
	must(err)
	file, err := os.CreateTemp("", "upyun-")
	must(err)
	defer os.Remove(file.Name())
	_, err = up.FormUpload(&upyun.FormUploadConfig{LocalPath: file.Name(), SaveKey: "/form", ExpireAfterSec: 600})
	must(err)
	ids, err := up.CommitTasks(&upyun.CommitTasksConfig{
		AppName: "compress",
		Tasks:   []interface{}{map[string]interface{}{"sources": []string{"/a.txt"}, "save_as": "/a.zip"}},
	})
	must(err)
	_, err = up.GetProgress(ids)
	must(err)
	// Its answer does not matter here: a text has no media in it.
	_, _ = up.CommitSyncTasks(upyun.SyncCommonTask{
		Kwargs: map[string]interface{}{"source": "/a.txt"}, TaskUri: "avmeta/get_meta",
	})
	_, err = up.Purge([]string{"http://demo.b0.upaiyun.com/a.txt"})
	must(err)
}
