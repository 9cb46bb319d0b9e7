import com.upyun.AsyncProcessHandler;
import com.upyun.CompressHandler;
import com.upyun.FormUploader;
import com.upyun.MediaHandler;
import com.upyun.RestManager;
import com.upyun.SerialUploader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.json.JSONArray;
import org.json.JSONObject;

/** The official Java SDK with the settings that the guide prints. */
public class Settings {
  static void must(boolean condition) {
    if (!condition) {
      throw new AssertionError();
    }
  }

  public static void main(String[] arguments) throws Exception {
    String address = "http://" + System.getenv("SETTINGS_ADDRESS");
    Path file = Files.createTempFile("upyun-", ".bin");
    Files.write(file, new byte[1000]);

    RestManager up = new RestManager("demo", "operator", "password");
    up.setApiDomain(address);
    must(up.writeFile("/a.txt", "hello".getBytes(), null).code() == 200);
    must(up.readFile("/a.txt").body().string().equals("hello"));

    FormUploader form = new FormUploader("demo", "operator", "password");
    form.setApiDomain(address);
    Map<String, Object> policy = new HashMap<>();
    policy.put("save-key", "/form");
    must(form.upload(policy, file.toFile()).isSucceed());

    AsyncProcessHandler.HOST = address;
    JSONObject task = new JSONObject();
    task.put(CompressHandler.Params.SOURCES, new JSONArray(Arrays.asList("/a.txt")));
    task.put(CompressHandler.Params.SAVE_AS, "/a.zip");
    Map<String, Object> params = new HashMap<>();
    params.put(CompressHandler.Params.BUCKET_NAME, "demo");
    params.put(CompressHandler.Params.NOTIFY_URL, "http://127.0.0.1:9/ended");
    params.put(CompressHandler.Params.APP_NAME, "compress");
    params.put(CompressHandler.Params.TASKS, new JSONArray(Arrays.asList(task)));
    must(new CompressHandler("demo", "operator", "password").process(params).isSucceed());

    // No setting moves it.
    must(new SerialUploader("demo", "operator", "password").upload(file.toString(), "/parts", null));
    Files.delete(file);
    System.exit(0);
  }
}
