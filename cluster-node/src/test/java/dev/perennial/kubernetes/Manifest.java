package dev.perennial.kubernetes;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** One document of a file under {@code k8s}. */
record Manifest(String source, JsonObject json) {
    private interface Schema {
        void check(JsonElement json) throws IOException;
    }

    /** By kind; each refuses fields that it does not know and misses those that it requires, at any depth. */
    private static final Map<String, Schema> SCHEMAS = Map.of(
            "v1 Namespace", V1Namespace::validateJsonElement,
            "v1 Service", V1Service::validateJsonElement,
            "v1 ServiceAccount", V1ServiceAccount::validateJsonElement,
            "v1 PersistentVolumeClaim", V1PersistentVolumeClaim::validateJsonElement,
            "apps/v1 Deployment", V1Deployment::validateJsonElement,
            "apps/v1 StatefulSet", V1StatefulSet::validateJsonElement,
            "policy/v1 PodDisruptionBudget", V1PodDisruptionBudget::validateJsonElement,
            "autoscaling/v2 HorizontalPodAutoscaler", V2HorizontalPodAutoscaler::validateJsonElement,
            "networking.k8s.io/v1 NetworkPolicy", V1NetworkPolicy::validateJsonElement,
            "monitoring.coreos.com/v1 ServiceMonitor", Manifest::checkServiceMonitor);

    static List<Manifest> under(Path directory) throws IOException {
        List<Manifest> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".yaml"))
                    .sorted()
                    .toList()) {
                found.addAll(parse(directory.relativize(file).toString(), Files.readString(file)));
            }
        }
        return found;
    }

    static List<Manifest> parse(String source, String text) {
        LoaderOptions strict = new LoaderOptions();
        strict.setAllowDuplicateKeys(false);
        List<Manifest> documents = new ArrayList<>();
        for (Object document : new Yaml(new SafeConstructor(strict)).loadAll(text)) {
            documents.add(new Manifest(source, new Gson().toJsonTree(document).getAsJsonObject()));
        }
        return documents;
    }

    /** Kustomize's own files are read by kustomize alone. */
    boolean isKustomization() {
        return text("apiVersion").startsWith("kustomize.config.k8s.io/");
    }

    /** A part to be laid over other workloads, without what every whole one has. */
    boolean isPatch() {
        return isWorkload() && !object("spec").has("selector");
    }

    boolean isWorkload() {
        return Set.of("Deployment", "StatefulSet").contains(kind());
    }

    /** @throws IllegalArgumentException saying what is wrong with it */
    void validate() throws IOException {
        Schema schema = SCHEMAS.get(text("apiVersion") + " " + kind());
        if (schema == null) {
            throw new IllegalArgumentException(source + ": no schema for " + text("apiVersion") + " " + kind());
        }
        try {
            JsonObject checked = json.deepCopy();
            if (isPatch()) {
                checked.getAsJsonObject("spec").add("selector", new JsonObject());
            }
            schema.check(checked);
        } catch (IllegalArgumentException | IllegalStateException | JsonParseException e) {
            throw new IllegalArgumentException(source + ": " + e.getMessage(), e);
        }
    }

    /** Custom resources have no model in the client: the fields that we use, as the Prometheus operator's reference has them. */
    private static void checkServiceMonitor(JsonElement json) {
        keys(json, Set.of("apiVersion", "kind", "metadata", "spec"));
        JsonObject spec = json.getAsJsonObject().getAsJsonObject("spec");
        keys(spec, Set.of("selector", "endpoints"));
        keys(spec.get("selector"), Set.of("matchLabels"));
        for (JsonElement endpoint : spec.getAsJsonArray("endpoints")) {
            keys(endpoint, Set.of("port", "path", "interval"));
        }
    }

    private static void keys(JsonElement json, Set<String> known) {
        for (String key : json.getAsJsonObject().keySet()) {
            if (!known.contains(key)) {
                throw new IllegalArgumentException("The field `" + key + "` is not defined; expected " + known);
            }
        }
    }

    String kind() {
        return text("kind");
    }

    String name() {
        return object("metadata").get("name").getAsString();
    }

    private String text(String key) {
        return json.get(key).getAsString();
    }

    /** The object at a path; fails where there is none. */
    JsonObject object(String... path) {
        JsonObject at = json;
        for (String key : path) {
            at = at.getAsJsonObject(key);
            if (at == null) {
                throw new AssertionError(source + " has no " + String.join(".", path));
            }
        }
        return at;
    }

    JsonObject pod() {
        return object("spec", "template", "spec");
    }

    JsonObject container() {
        return pod().getAsJsonArray("containers").get(0).getAsJsonObject();
    }

    static List<JsonObject> each(JsonObject parent, String key) {
        JsonArray array = parent.getAsJsonArray(key);
        return array == null
                ? List.of()
                : array.asList().stream().map(JsonElement::getAsJsonObject).toList();
    }
}
