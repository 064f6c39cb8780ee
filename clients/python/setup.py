"""Makes the code of the contract (proto/) while the package is built: there is one contract, and no copy of it here."""

import pathlib
import shutil

from setuptools import find_namespace_packages, setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = pathlib.Path(__file__).resolve().parent
OURS = HERE / "proto"  # In a source package.
PROTOS = OURS if OURS.is_dir() else HERE.parents[1] / "proto"


class BuildWithContract(build_py):
    def run(self):
        super().run()
        from grpc_tools import protoc  # Only while building.

        out = pathlib.Path(self.build_lib)
        out.mkdir(parents=True, exist_ok=True)
        files = [str(p) for p in sorted((PROTOS / "bellwether" / "v1").glob("*.proto"))]
        well_known = pathlib.Path(protoc.__file__).parent / "_proto"
        arguments = ["protoc", f"-I{PROTOS}", f"-I{well_known}", f"--python_out={out}", f"--pyi_out={out}", f"--grpc_python_out={out}", *files]
        if not files or protoc.main(arguments) != 0:
            raise SystemExit(f"no code could be made from the contract in {PROTOS}")
        (out / "bellwether" / "v1" / "py.typed").touch()


class SourceWithContract(sdist):
    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, files)
        shutil.copytree(PROTOS / "bellwether", pathlib.Path(base_dir) / "proto" / "bellwether", dirs_exist_ok=True)


setup(packages=find_namespace_packages(include=["bellwether.*"]), package_data={"bellwether.client": ["py.typed"]},
      cmdclass={"build_py": BuildWithContract, "sdist": SourceWithContract})
