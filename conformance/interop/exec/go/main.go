// The official Go SDK with its own hosts.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/upyun/go-sdk/v3/upyun"
)

var failed bool

func check(operation string, run func() error) {
	if err := run(); err != nil {
		fmt.Printf("%s\tFAILS: %s\n", operation, strings.Join(strings.Fields(err.Error()), " "))
		failed = true
		return
	}
	fmt.Printf("%s\tworks\n", operation)
}

func main() {
	up := upyun.NewUpYun(&upyun.UpYunConfig{Bucket: "demo", Operator: "operator", Password: "password"})
	put := func(key, content string) error {
		return up.Put(&upyun.PutObjectConfig{Path: key, Reader: strings.NewReader(content), UseMD5: true})
	}
	get := func(key, want string) error {
		var got bytes.Buffer
		if _, err := up.Get(&upyun.GetObjectConfig{Path: key, Writer: &got}); err != nil {
			return err
		}
		if got.String() != want {
			return fmt.Errorf("%s holds %d bytes of another content", key, got.Len())
		}
		return nil
	}
	folder, err := os.MkdirTemp("", "upyun-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "file.bin")
	content := strings.Repeat("0123456789abcde", 800_000)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		panic(err)
	}

	check("put, get", func() error {
		return errors.Join(put("/go/text.txt", "hello"), get("/go/text.txt", "hello"),
			up.Put(&upyun.PutObjectConfig{Path: "/go/binary", LocalPath: file}), get("/go/binary", content))
	})
	check("names", func() error {
		return errors.Join(put("/go/中文 名+1.txt", "x"), get("/go/中文 名+1.txt", "x"))
	})
	check("info, usage", func() error {
		info, err := up.GetInfo("/go/text.txt")
		if err == nil && info.Size != 5 {
			err = fmt.Errorf("size %d", info.Size)
		}
		_, other := up.Usage()
		return errors.Join(err, other)
	})
	check("lists", func() error {
		for n := 0; n < 5; n++ {
			if err := put(fmt.Sprintf("/go/list/%d", n), "x"); err != nil {
				return err
			}
		}
		var names []string
		for iter := ""; ; {
			page, next, err := up.ListObjects(&upyun.ListObjectsConfig{Path: "/go/list", Iter: iter, Limit: 2})
			if err != nil {
				return err
			}
			for _, it := range page {
				names = append(names, it.Name)
			}
			if iter = next; iter == "" || iter == "g2gCZAAEbmV4dGQAA2VvZg" {
				break
			}
		}
		if strings.Join(names, "") != "01234" {
			return fmt.Errorf("listed %v", names)
		}
		return nil
	})
	check("folders", func() error {
		return errors.Join(up.Mkdir("/go/folder"), up.Delete(&upyun.DeleteObjectConfig{Path: "/go/folder", Folder: true}))
	})
	check("copy, move", func() error {
		return errors.Join(
			up.Copy(&upyun.CopyObjectConfig{SrcPath: "/go/text.txt", DestPath: "/go/copy.txt"}),
			up.Move(&upyun.MoveObjectConfig{SrcPath: "/go/copy.txt", DestPath: "/go/moved.txt"}),
			get("/go/moved.txt", "hello"))
	})
	check("delete", func() error {
		return up.Delete(&upyun.DeleteObjectConfig{Path: "/go/moved.txt"})
	})
	check("parts in order", func() error {
		err := up.Put(&upyun.PutObjectConfig{Path: "/go/parts", LocalPath: file, UseResumeUpload: true, UseMD5: true})
		return errors.Join(err, get("/go/parts", content))
	})
	check("parts at once", func() error {
		const size = 1024 * 1024
		begun, err := up.InitMultipartUpload(&upyun.InitMultipartUploadConfig{Path: "/go/parallel", PartSize: size})
		if err != nil {
			return err
		}
		for part := (len(content) - 1) / size; part >= 0; part-- {
			piece := content[part*size : min(len(content), (part+1)*size)]
			config := &upyun.UploadPartConfig{Reader: strings.NewReader(piece), PartSize: int64(len(piece)), PartID: part}
			if err := up.UploadPart(begun, config); err != nil {
				return err
			}
		}
		if err := up.CompleteMultipartUpload(begun, &upyun.CompleteMultipartUploadConfig{}); err != nil {
			return err
		}
		return get("/go/parallel", content)
	})
	check("form", func() error {
		told, err := up.FormUpload(&upyun.FormUploadConfig{
			LocalPath: file, SaveKey: "/go/{filename}{.suffix}", ExpireAfterSec: 600,
		})
		if err == nil && told.Url != "/go/file.bin" {
			err = fmt.Errorf("stored as %s", told.Url)
		}
		return err
	})
	ended := func(ids []string) error {
		for asked := 0; asked < 600; asked++ {
			progress, err := up.GetProgress(ids)
			if err != nil {
				return err
			}
			done := 0
			for _, percent := range progress {
				if percent == -1 {
					return fmt.Errorf("a task failed: %v", progress)
				}
				if percent == 100 {
					done++
				}
			}
			if done == len(ids) {
				return nil
			}
			time.Sleep(50 * time.Millisecond)
		}
		return errors.New("the tasks do not end")
	}
	check("tasks", func() error {
		ids, err := up.CommitTasks(&upyun.CommitTasksConfig{
			AppName: "compress",
			Tasks:   []interface{}{map[string]interface{}{"sources": []string{"/go/text.txt"}, "save_as": "/go/t.zip"}},
		})
		if err != nil {
			return err
		}
		if err := ended(ids); err != nil {
			return err
		}
		results, err := up.GetResult(ids)
		if err != nil {
			return err
		}
		if path := results[ids[0]].(map[string]interface{})["path"]; path != "/go/t.zip" {
			return fmt.Errorf("the result is at %v", path)
		}
		return nil
	})
	check("media", func() error {
		// A second of silence.
		header := "RIFF\xa4\x3e\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x80\x3e\x00\x00"
		if err := put("/go/a.wav", header+strings.Repeat("\x00", 16000)); err != nil {
			return err
		}
		ids, err := up.CommitTasks(&upyun.CommitTasksConfig{
			Source: "/go/a.wav",
			Accept: "json",
			Tasks:  []interface{}{map[string]interface{}{"type": "audio", "save_as": "/go/a.mp3"}},
		})
		if err != nil {
			return err
		}
		if err := ended(ids); err != nil {
			return err
		}
		told, err := up.CommitSyncTasks(upyun.SyncCommonTask{
			Kwargs:  map[string]interface{}{"source": "/go/a.mp3"},
			TaskUri: "avmeta/get_meta",
		})
		if err == nil && told["format"].(map[string]interface{})["format"] != "mp3" {
			err = fmt.Errorf("it is %v", told)
		}
		return err
	})
	check("purge", func() error {
		fails, err := up.Purge([]string{"http://demo.b0.upaiyun.com/go/text.txt", "http://demo.b0.upaiyun.com/中文 名"})
		if err == nil && len(fails) > 0 {
			err = fmt.Errorf("%v are not purged", fails)
		}
		fails, other := up.Purge([]string{"http://invalid.upyun.com/a"})
		if other == nil && len(fails) != 1 {
			other = fmt.Errorf("%v is not invalid", fails)
		}
		return errors.Join(err, other)
	})
	check("404 and 401", func() error {
		if _, err := up.GetInfo("/go/none"); !upyun.IsNotExist(err) {
			return fmt.Errorf("not 404: %v", err)
		}
		stranger := upyun.NewUpYun(&upyun.UpYunConfig{Bucket: "demo", Operator: "operator", Password: "wrong"})
		if _, err := stranger.Usage(); err == nil || !strings.Contains(err.Error(), "401") {
			return fmt.Errorf("not 401: %v", err)
		}
		return nil
	})
	if failed {
		os.Exit(1)
	}
}
