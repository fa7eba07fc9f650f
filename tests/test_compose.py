"""docker-compose.yml is what Docker's own compose accepts."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def compose() -> list[str]:
    """Docker's compose on this machine, as plugin or as program."""
    if shutil.which("docker") and not subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    pytest.skip("this machine has no docker compose: docker-compose.yml was not checked")


def test_compose_accepts_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").touch()
    (tmp_path / "docker-compose.yml").write_text((ROOT / "docker-compose.yml").read_text())
    secrets = {"POSTGRES_PASSWORD": "p", "AIRFLOW_JWT_SECRET": "j", "AIRFLOW_FERNET_KEY": "f"}
    command = [*compose(), "--profile", "sandbox", "config"]
    result = subprocess.run(
        command, cwd=tmp_path, env={"PATH": "/usr/bin:/bin:/usr/local/bin", **secrets}, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    for service in ("postgres", "api-server", "scheduler", "dag-processor", "sandbox"):
        assert f"  {service}:" in result.stdout


def test_compose_refuses_to_start_without_secrets(tmp_path: Path) -> None:
    (tmp_path / ".env").touch()
    (tmp_path / "docker-compose.yml").write_text((ROOT / "docker-compose.yml").read_text())
    result = subprocess.run(
        [*compose(), "config"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin"},
        capture_output=True,
        text=True,
    )
    assert result.returncode != 0
    assert "in .env" in result.stderr


@pytest.mark.prove
def test_the_image_builds_and_knows_the_night() -> None:
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        pytest.skip("this machine has no container engine: the image was neither built nor run")
    subprocess.run(["docker", "build", "--tag", "smarketing-warehouse", "."], cwd=ROOT, check=True)
    listing = "airflow db migrate > /dev/null 2>&1; airflow dags reserialize; airflow dags list --output plain"
    command = ["docker", "run", "--rm", "smarketing-warehouse", "bash", "-c", listing]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "nightly" in told
