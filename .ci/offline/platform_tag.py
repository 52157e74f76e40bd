"""Print what a wheel of this Python is for, such as cp311-linux_x86_64."""

import platform
import re
import sys
import sysconfig

prefix = "cp" if platform.python_implementation() == "CPython" else "pp"
machine = re.sub(r"[-.]", "_", sysconfig.get_platform())
print(f"{prefix}{sys.version_info.major}{sys.version_info.minor}-{machine}")
