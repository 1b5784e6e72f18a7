import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Rewrites every jar under a folder without compression: an image's layer is compressed as a whole, and classes that
 * aren't compressed one by one make it a quarter smaller. Order and contents of the entries stay, times don't.
 */
void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
        IO.println("usage: java StoreJars.java <folder>");
        System.exit(2);
    }
    try (var files = Files.walk(Path.of(arguments[0]))) {
        for (var jar : files.filter(file -> file.toString().endsWith(".jar")).toList()) {
            store(jar);
        }
    }
}

void store(Path jar) throws IOException {
    var written = new ByteArrayOutputStream((int) Files.size(jar) * 3);
    try (var from = new ZipFile(jar.toFile());
            var to = new ZipOutputStream(written)) {
        var entries = from.entries();
        while (entries.hasMoreElements()) {
            var entry = entries.nextElement();
            var bytes = from.getInputStream(entry).readAllBytes();
            var checksum = new CRC32();
            checksum.update(bytes);
            var stored = new ZipEntry(entry.getName());
            stored.setMethod(ZipEntry.STORED);
            stored.setSize(bytes.length);
            stored.setCompressedSize(bytes.length);
            stored.setCrc(checksum.getValue());
            // The earliest that the format knows, whatever the time zone.
            stored.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
            to.putNextEntry(stored);
            to.write(bytes);
            to.closeEntry();
        }
    }
    var scratch = jar.resolveSibling(jar.getFileName() + ".tmp");
    Files.write(scratch, written.toByteArray());
    Files.move(scratch, jar, StandardCopyOption.REPLACE_EXISTING);
}
