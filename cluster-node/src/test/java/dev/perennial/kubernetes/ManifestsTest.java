package dev.perennial.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigResolveOptions;
import dev.perennial.settings.NodeRole;
import dev.perennial.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What lies in {@code k8s}: each file by the schemas of Kubernetes, and whether the files fit each other and the program. */
final class ManifestsTest {
    private static final Path K8S = Path.of("..", "k8s");
    private static final String NAME_LABEL = "app.kubernetes.io/name";

    @Test
    void everyFileIsAsKubernetesWantsIt() throws IOException {
        int checked = 0;
        for (Manifest manifest : Manifest.under(K8S)) {
            if (!manifest.isKustomization()) {
                manifest.validate();
                checked++;
            }
        }
        assertTrue(checked > 15, "checked " + checked);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "replicas: 1 | replica: 1",
                "podAntiAffinity | podAntiAffinities",
                "maxSkew | maximumSkew",
                "selector: | selectors:"
            })
    void aMistakeInAFileIsNamed(String right, String wrong) throws IOException {
        String good =
                Files.readString(K8S.resolve("overlays/production/domain.yaml")).replace("replicas: 3", "replicas: 1");
        assertTrue(good.contains(right), right);
        Manifest bad = Manifest.parse("domain.yaml", good.replace(right, wrong)).get(0);
        assertThrows(IllegalArgumentException.class, bad::validate);
    }

    @Test
    void everyFileOfAFolderIsListedInItsKustomization() throws IOException {
        for (String folder : List.of("base", "components/pod", "overlays/dev", "overlays/production")) {
            String listed = Files.readString(K8S.resolve(folder).resolve("kustomization.yaml"));
            try (var files = Files.list(K8S.resolve(folder))) {
                files.map(file -> file.getFileName().toString())
                        .filter(name -> !name.equals("kustomization.yaml"))
                        .forEach(name -> assertTrue(listed.contains(name), folder + " does not use " + name));
            }
        }
    }

    @Test
    void theDevPodsSettingsAreTheProgramsOwn() throws IOException {
        Settings settings = settings("dev", Map.of());
        assertEquals(Set.of(NodeRole.values()), settings.cluster().roles());
        assertEquals("127.0.0.1", settings.cluster().host());
        assertTrue(settings.cassandra().contactPoints().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"api", "domain", "trainer", "serving"})
    void eachProductionWorkloadsSettingsAreTheProgramsOwn(String role) throws IOException {
        Manifest workload = production(role);
        Map<String, String> environment = new HashMap<>();
        environment.put("POD_IP", "10.1.2.3");
        environment.put("POD_NAME", workload.name() + "-0");
        for (JsonObject entry : Manifest.each(workload.container(), "env")) {
            environment.put(
                    entry.get("name").getAsString(), expand(entry.get("value").getAsString(), environment));
        }
        Settings settings = settings("production", environment);
        assertEquals(
                Set.of(role),
                Set.of(settings.cluster().roles().iterator().next().text()));
        assertEquals(1, settings.cluster().roles().size());
        assertEquals("10.1.2.3", settings.cluster().bindHost().orElseThrow());
        if (role.equals("domain")) {
            assertEquals(
                    settings.cluster().seeds().get(0),
                    settings.cluster().host() + ":" + settings.cluster().port());
            assertEquals(
                    settings.cluster().seeds().size(),
                    workload.object("spec").get("replicas").getAsInt());
        } else {
            assertEquals("10.1.2.3", settings.cluster().host());
        }
        int grace = workload.pod().get("terminationGracePeriodSeconds").getAsInt();
        assertTrue(
                grace
                        > settings.http().drain().toSeconds()
                                + settings.http().terminationDeadline().toSeconds(),
                "a pod is killed after " + grace + " s, before it has drained");
    }

    private static Manifest production(String role) throws IOException {
        return Manifest.under(K8S.resolve("overlays/production")).stream()
                .filter(manifest -> manifest.isWorkload() && manifest.name().equals("perennial-" + role))
                .findFirst()
                .orElseThrow();
    }

    /** The loss of a zone takes as few of a role as can be. */
    @ParameterizedTest
    @ValueSource(strings = {"api", "domain", "trainer", "serving"})
    void eachProductionWorkloadIsSpreadOverZones(String role) throws IOException {
        Manifest workload = production(role);
        assertTrue(
                Manifest.each(workload.pod(), "topologySpreadConstraints").stream()
                        .anyMatch(spread ->
                                spread.get("topologyKey").getAsString().equals("topology.kubernetes.io/zone")
                                        && spread.getAsJsonObject("labelSelector")
                                                .getAsJsonObject("matchLabels")
                                                .get("app.kubernetes.io/component")
                                                .getAsString()
                                                .equals(role)),
                workload.pod()::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "production"})
    void whatKustomizeMakesOfAnOverlayIsWholeAndFits(String overlay) throws Exception {
        List<Manifest> made = kustomize(overlay);
        for (Manifest manifest : made) {
            if (!manifest.kind().equals("ConfigMap")) {
                manifest.validate();
            }
        }
        List<Manifest> workloads = made.stream().filter(Manifest::isWorkload).toList();
        assertEquals(overlay.equals("dev") ? 1 : 4, workloads.size());
        for (Manifest workload : workloads) {
            assertPodIsWhole(workload, made);
        }
        assertSelectorsFind(workloads, made);
    }

    private static void assertPodIsWhole(Manifest workload, List<Manifest> made) {
        JsonObject container = workload.container();
        for (String probe :
                List.of("startupProbe", "livenessProbe", "readinessProbe", "resources", "securityContext")) {
            assertTrue(container.has(probe), workload.name() + " has no " + probe);
        }
        assertTrue(workload.pod()
                .getAsJsonObject("securityContext")
                .get("runAsNonRoot")
                .getAsBoolean());
        Set<String> volumes = new HashSet<>();
        for (JsonObject volume : Manifest.each(workload.pod(), "volumes")) {
            volumes.add(volume.get("name").getAsString());
            if (volume.has("configMap")) {
                String map = volume.getAsJsonObject("configMap").get("name").getAsString();
                Manifest config = made.stream()
                        .filter(one ->
                                one.kind().equals("ConfigMap") && one.name().equals(map))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError("no ConfigMap " + map));
                assertTrue(config.object("data").has("perennial.conf"), map);
            }
        }
        Manifest.each(workload.object("spec"), "volumeClaimTemplates")
                .forEach(claim -> volumes.add(
                        claim.getAsJsonObject("metadata").get("name").getAsString()));
        Set<String> mounted = new HashSet<>();
        Manifest.each(container, "volumeMounts")
                .forEach(mount -> mounted.add(mount.get("name").getAsString()));
        assertEquals(new TreeSet<>(volumes), new TreeSet<>(mounted), workload.name());
        // A variable that is used before it is defined is passed on unexpanded.
        Set<String> defined = new HashSet<>();
        for (JsonObject entry : Manifest.each(container, "env")) {
            String value = entry.has("value") ? entry.get("value").getAsString() : "";
            int open = value.indexOf("$(");
            if (open >= 0) {
                String used = value.substring(open + 2, value.indexOf(')'));
                assertTrue(defined.contains(used), workload.name() + " uses " + used + " before it is defined");
            }
            defined.add(entry.get("name").getAsString());
        }
    }

    /** Services, budgets, network policies and autoscalers are about pods that there are, and ports that these have. */
    private static void assertSelectorsFind(List<Manifest> workloads, List<Manifest> made) {
        Set<String> ports = new HashSet<>();
        workloads.forEach(workload -> Manifest.each(workload.container(), "ports")
                .forEach(port -> ports.add(port.get("name").getAsString())));
        for (Manifest manifest : made) {
            if (manifest.kind().equals("Service")) {
                assertFinds(manifest, manifest.object("spec", "selector"), workloads);
                Manifest.each(manifest.object("spec"), "ports")
                        .forEach(port ->
                                assertTrue(ports.contains(port.get("targetPort").getAsString()), manifest.name()));
            } else if (manifest.kind().equals("PodDisruptionBudget")) {
                assertFinds(manifest, manifest.object("spec", "selector", "matchLabels"), workloads);
            } else if (manifest.kind().equals("HorizontalPodAutoscaler")) {
                String target =
                        manifest.object("spec", "scaleTargetRef").get("name").getAsString();
                assertTrue(workloads.stream().anyMatch(one -> one.name().equals(target)), target);
            } else if (manifest.isWorkload()) {
                assertFinds(manifest, manifest.object("spec", "selector", "matchLabels"), List.of(manifest));
                assertEquals(
                        1,
                        workloads.stream()
                                .filter(one -> finds(manifest.object("spec", "selector", "matchLabels"), one))
                                .count(),
                        manifest.name());
            } else if (manifest.kind().equals("ServiceMonitor")) {
                JsonObject wanted = manifest.object("spec", "selector", "matchLabels");
                assertTrue(
                        made.stream()
                                .filter(one -> one.kind().equals("Service"))
                                .anyMatch(one -> one.object("metadata", "labels")
                                        .entrySet()
                                        .containsAll(wanted.entrySet())),
                        manifest.name());
            }
        }
    }

    private static void assertFinds(Manifest manifest, JsonObject selector, List<Manifest> workloads) {
        assertTrue(selector.has(NAME_LABEL), manifest.name());
        assertTrue(workloads.stream().anyMatch(one -> finds(selector, one)), manifest.name() + " finds no pod");
    }

    private static boolean finds(JsonObject selector, Manifest workload) {
        Set<Map.Entry<String, JsonElement>> labels =
                workload.object("spec", "template", "metadata", "labels").entrySet();
        return labels.containsAll(selector.entrySet());
    }

    /** As the kubelet does it. */
    private static String expand(String value, Map<String, String> environment) {
        String expanded = value;
        for (Map.Entry<String, String> known : environment.entrySet()) {
            expanded = expanded.replace("$(" + known.getKey() + ")", known.getValue());
        }
        assertFalse(expanded.contains("$("), expanded);
        return expanded;
    }

    private static Settings settings(String overlay, Map<String, String> environment) {
        Config file = ConfigFactory.parseFile(K8S.resolve("overlays")
                .resolve(overlay)
                .resolve("perennial.conf")
                .toFile());
        Config resolved = file.resolveWith(
                ConfigFactory.parseMap(environment),
                ConfigResolveOptions.defaults().setUseSystemEnvironment(false));
        return Settings.from(resolved.withFallback(ConfigFactory.load()).resolve());
    }

    private static List<Manifest> kustomize(String overlay) throws Exception {
        Process process;
        try {
            process = new ProcessBuilder(
                            "kubectl",
                            "kustomize",
                            K8S.resolve("overlays/" + overlay).toString())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException absent) {
            assumeTrue(
                    false, "kubectl is not installed here, so what kustomize makes of k8s was not checked: " + absent);
            throw absent;
        }
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue(), output);
        return Manifest.parse("kubectl kustomize " + overlay, output);
    }
}
