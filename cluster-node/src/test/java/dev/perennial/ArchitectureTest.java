package dev.perennial;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** THINK HARD ABOUT THE LAYERING before you change a rule here: the folder tree is the architecture. */
@AnalyzeClasses(packages = "dev.perennial", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule DOMAIN_IS_PURE = noClasses()
            .that()
            .resideInAPackage("dev.perennial.domain..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.pekko..",
                    "ai.djl..",
                    "com.datastax..",
                    "dev.perennial.learning..",
                    "dev.perennial.persistence..",
                    "java.net..",
                    "java.nio.file..");

    @ArchTest
    static final ArchRule DOMAIN_KNOWS_NO_CLOCK_AND_NO_CHANCE = noClasses()
            .that()
            .resideInAPackage("dev.perennial.domain..")
            .should()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Math.class, "random");

    @ArchTest
    static final ArchRule LEARNING_IS_PURE = noClasses()
            .that()
            .resideInAPackage("dev.perennial.learning..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.pekko..",
                    "com.datastax..",
                    "dev.perennial.domain..",
                    "dev.perennial.persistence..",
                    "dev.perennial.protocols..");

    @ArchTest
    static final ArchRule OFFLINE_COMMANDS_NEED_NO_NODE = noClasses()
            .that()
            .resideInAPackage("dev.perennial.offline..")
            .should()
            .dependOnClassesThat(com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage(
                            "dev.perennial..", "org.apache.pekko..", "com.datastax..", "ai.djl..")
                    .and(com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages(
                            "dev.perennial.offline..", "dev.perennial.learning..")));

    @ArchTest
    static final ArchRule PROTOCOLS_KNOW_NOBODY = noClasses()
            .that()
            .resideInAPackage("dev.perennial.protocols..")
            .should()
            .dependOnClassesThat(
                    com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage("dev.perennial..")
                            .and(com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage(
                                    "dev.perennial.protocols..")));

    @ArchTest
    static final ArchRule ROOMS = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("wiring")
            .definedBy("dev.perennial")
            .layer("quickstart")
            .definedBy("dev.perennial.quickstart..")
            .layer("offline")
            .definedBy("dev.perennial.offline..")
            .layer("http")
            .definedBy("dev.perennial.http..")
            .layer("intake")
            .definedBy("dev.perennial.intake..")
            .layer("serving")
            .definedBy("dev.perennial.serving..")
            .layer("trainer")
            .definedBy("dev.perennial.trainer..")
            .layer("entity")
            .definedBy("dev.perennial.entity..")
            .layer("scheduler")
            .definedBy("dev.perennial.scheduler..")
            .layer("domain")
            .definedBy("dev.perennial.domain..")
            .layer("learning")
            .definedBy("dev.perennial.learning..")
            .layer("settings")
            .definedBy("dev.perennial.settings..")
            .layer("persistence")
            .definedBy("dev.perennial.persistence..")
            .whereLayer("wiring")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("quickstart")
            .mayOnlyBeAccessedByLayers("wiring")
            .whereLayer("offline")
            .mayOnlyBeAccessedByLayers("wiring")
            .whereLayer("http")
            .mayOnlyBeAccessedByLayers("wiring")
            .whereLayer("intake")
            .mayOnlyBeAccessedByLayers("wiring", "http")
            .whereLayer("serving")
            .mayOnlyBeAccessedByLayers("wiring")
            .whereLayer("trainer")
            .mayOnlyBeAccessedByLayers("wiring")
            .whereLayer("entity")
            .mayOnlyBeAccessedByLayers("wiring")
            .whereLayer("scheduler")
            .mayOnlyBeAccessedByLayers("wiring")
            .whereLayer("domain")
            .mayOnlyBeAccessedByLayers("entity", "scheduler", "settings")
            .whereLayer("learning")
            .mayOnlyBeAccessedByLayers("wiring", "trainer", "serving", "offline")
            .whereLayer("settings")
            .mayOnlyBeAccessedByLayers("wiring", "http", "intake")
            .whereLayer("persistence")
            .mayOnlyBeAccessedByLayers("wiring");
}
