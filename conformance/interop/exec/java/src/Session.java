import com.upyun.CompressHandler;
import com.upyun.FormUploader;
import com.upyun.MediaHandler;
import com.upyun.ParallelUploader;
import com.upyun.RestManager;
import com.upyun.Result;
import com.upyun.SerialUploader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import okhttp3.Response;
import org.json.JSONArray;
import org.json.JSONObject;

/** The official Java SDK with its own hosts. */
public class Session {
  interface Step {
    void run() throws Exception;
  }

  static boolean failed;

  static void check(String operation, Step step) {
    try {
      step.run();
      System.out.println(operation + "\tworks");
    } catch (Exception | AssertionError error) {
      System.out.println(operation + "\tFAILS: " + String.valueOf(error).replaceAll("\\s+", " "));
      failed = true;
    }
  }

  static void same(Object want, Object got) {
    if (!want.equals(got)) {
      throw new AssertionError("not " + want + " but " + got);
    }
  }

  static String submitted(Result result) {
    same(200, result.getCode());
    return result.getMsg();
  }

  /** Waits for the end of a task, which must end well. */
  static String ended(String[] ids) throws Exception {
    Map<String, Object> query = new HashMap<>();
    query.put(MediaHandler.Params.TASK_IDS, ids[0]);
    query.put(MediaHandler.Params.BUCKET_NAME, "demo");
    MediaHandler handler = new MediaHandler("demo", "operator", "password");
    for (int asked = 0; asked < 600; asked++) {
      JSONObject status = new JSONObject(submitted(handler.getStatus(query))).getJSONObject("tasks");
      int percent = status.optInt(ids[0], 0);
      if (percent == 100) {
        return ids[0];
      }
      if (percent == -1) {
        throw new AssertionError("the task failed");
      }
      Thread.sleep(50);
    }
    throw new AssertionError("the task does not end");
  }

  static void ok(Response response) {
    response.close();
    same(200, response.code());
  }

  public static void main(String[] arguments) throws Exception {
    RestManager up = new RestManager("demo", "operator", "password");
    byte[] content = new byte[2_500_000];
    Arrays.fill(content, (byte) 'x');
    Path file = Files.createTempFile("upyun-", ".bin");
    Files.write(file, content);

    check("put, get", () -> {
      ok(up.writeFile("/java/text.txt", "hello".getBytes(StandardCharsets.UTF_8), null));
      same("hello", up.readFile("/java/text.txt").body().string());
      ok(up.writeFile("/java/binary", file.toFile(), null));
      same(true, Arrays.equals(content, up.readFile("/java/binary").body().bytes()));
    });
    check("names", () -> {
      ok(up.writeFile("/java/中文 名+1.txt", "x".getBytes(StandardCharsets.UTF_8), null));
      same("x", up.readFile("/java/中文 名+1.txt").body().string());
    });
    check("info, usage", () -> {
      Response info = up.getFileInfo("/java/text.txt");
      same("5", info.header("x-upyun-file-size"));
      info.close();
      same(true, Long.parseLong(up.getBucketUsage().body().string()) > 0);
    });
    check("lists", () -> {
      for (int n = 0; n < 5; n++) {
        ok(up.writeFile("/java/list/" + n, "x".getBytes(StandardCharsets.UTF_8), null));
      }
      StringBuilder names = new StringBuilder();
      Map<String, String> page = new HashMap<>();
      page.put("x-list-limit", "2");
      for (String iter = ""; !iter.equals("g2gCZAAEbmV4dGQAA2VvZg"); ) {
        Response list = up.readDirIter("/java/list", page);
        iter = list.header("x-upyun-list-iter");
        page.put("x-list-iter", iter);
        for (String line : list.body().string().split("\n")) {
          names.append(line.split("\t")[0]);
        }
      }
      same("01234", names.toString());
    });
    check("folders", () -> {
      ok(up.mkDir("/java/folder"));
      ok(up.rmDir("/java/folder"));
    });
    check("copy, move", () -> {
      ok(up.copyFile("/java/copy.txt", "/demo/java/text.txt", null));
      ok(up.moveFile("/java/moved.txt", "/demo/java/copy.txt", null));
      same("hello", up.readFile("/java/moved.txt").body().string());
    });
    check("delete", () -> ok(up.deleteFile("/java/moved.txt", null)));
    check("parts in order", () -> {
      SerialUploader uploader = new SerialUploader("demo", "operator", "password");
      uploader.setCheckMD5(true);
      same(true, uploader.upload(file.toString(), "/java/parts", null));
      same(true, Arrays.equals(content, up.readFile("/java/parts").body().bytes()));
    });
    check("parts at once", () -> {
      ParallelUploader uploader = new ParallelUploader("demo", "operator", "password");
      uploader.setCheckMD5(true);
      uploader.setParallel(4);
      same(true, uploader.upload(file.toString(), "/java/parallel", null));
      same(true, Arrays.equals(content, up.readFile("/java/parallel").body().bytes()));
    });
    check("form", () -> {
      FormUploader uploader = new FormUploader("demo", "operator", "password");
      Map<String, Object> policy = new HashMap<>();
      policy.put("save-key", "/java/{filemd5}{.suffix}");
      Result told = uploader.upload(policy, file.toFile());
      same(true, told.isSucceed());
    });
    check("tasks", () -> {
      Map<String, Object> params = new HashMap<>();
      params.put(CompressHandler.Params.BUCKET_NAME, "demo");
      params.put(CompressHandler.Params.NOTIFY_URL, "http://127.0.0.1:9/ended");
      params.put(CompressHandler.Params.APP_NAME, "compress");
      JSONObject task = new JSONObject();
      task.put(CompressHandler.Params.SOURCES, new JSONArray(Arrays.asList("/java/text.txt")));
      task.put(CompressHandler.Params.SAVE_AS, "/java/t.zip");
      params.put(CompressHandler.Params.TASKS, new JSONArray(Arrays.asList(task)));
      CompressHandler handler = new CompressHandler("demo", "operator", "password");
      String id = ended(handler.getTaskId(submitted(handler.process(params))));
      Map<String, Object> query = new HashMap<>();
      query.put(MediaHandler.Params.TASK_IDS, id);
      query.put(MediaHandler.Params.BUCKET_NAME, "demo");
      String told = submitted(new MediaHandler("demo", "operator", "password").getResult(query));
      same("/java/t.zip", new JSONObject(told).getJSONObject("tasks").getJSONObject(id).get("path"));
    });
    check("media", () -> {
      // A second of silence.
      byte[] sound = new byte[16044];
      byte[] header =
          "RIFF\u00a4\u003e\0\0WAVEfmt \u0010\0\0\0\1\0\1\0\u0040\u001f\0\0\u0080\u003e\0\0\2\0\u0010\0data\u0080\u003e\0\0"
              .getBytes(StandardCharsets.ISO_8859_1);
      System.arraycopy(header, 0, sound, 0, header.length);
      ok(up.writeFile("/java/a.wav", sound, new HashMap<>()));
      Map<String, Object> params = new HashMap<>();
      params.put(MediaHandler.Params.BUCKET_NAME, "demo");
      params.put(MediaHandler.Params.NOTIFY_URL, "http://127.0.0.1:9/ended");
      params.put(MediaHandler.Params.SOURCE, "/java/a.wav");
      params.put(MediaHandler.Params.ACCEPT, "json");
      JSONObject task = new JSONObject();
      task.put(MediaHandler.Params.TYPE, "audio");
      task.put(MediaHandler.Params.SAVE_AS, "/java/a.mp3");
      params.put(MediaHandler.Params.TASKS, new JSONArray(Arrays.asList(task)));
      MediaHandler handler = new MediaHandler("demo", "operator", "password");
      ended(handler.getTaskId(submitted(handler.process(params))));
    });
    check("404 and 401", () -> {
      Response none = up.readFile("/java/none");
      none.close();
      same(404, none.code());
      RestManager stranger = new RestManager("demo", "operator", "wrong");
      Response refused = stranger.readFile("/java/text.txt");
      refused.close();
      same(401, refused.code());
    });
    Files.delete(file);
    System.exit(failed ? 1 : 0);
  }
}
