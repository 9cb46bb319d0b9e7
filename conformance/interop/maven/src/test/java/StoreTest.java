import static org.junit.jupiter.api.Assertions.assertEquals;

import com.upyun.RestManager;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StoreTest {
  @Test
  void greets() throws Exception {
    RestManager up = new RestManager("demo", "operator", "password");
    up.writeFile("/hello.txt", "hello".getBytes(StandardCharsets.UTF_8), null).close();
    assertEquals("hello", up.readFile("/hello.txt").body().string());
  }
}
