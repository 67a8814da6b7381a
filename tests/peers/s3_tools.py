"""s3cmd and rclone, as people use them, against the embedded cloud; each is skipped when it is not installed."""
import os
import shutil
import subprocess
import sys
import tempfile

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
KEY, SECRET = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
failed = 0
work = tempfile.mkdtemp()
BIG = os.path.join(work, "big")
with open(BIG, "wb") as out:
    out.write(os.urandom(20 * 1024 * 1024 + 3))
with open(os.path.join(work, "small ü"), "w", encoding="utf-8") as out:
    out.write("small\n")


def run(*command):
    env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    done = subprocess.run(command, cwd=work, env=env, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout + done.stderr, done.returncode


def check(name, wanted, *command):
    global failed
    text, status = run(*command)
    if status == 0 and wanted in text:
        print("ok", name)
    else:
        failed += 1
        print("not ok", name, "\n  |", f"status {status}, wanted {wanted!r} in {text[-800:]!r}")


def same_file(name, path):
    global failed
    with open(BIG, "rb") as one, open(os.path.join(work, path), "rb") as two:
        same = one.read() == two.read()
    failed += not same
    print("ok" if same else "not ok", name)


def s3cmd():
    host = ENDPOINT.split("://")[1]
    config = os.path.join(work, "s3cfg")
    with open(config, "w", encoding="utf-8") as file:
        file.write(f"[default]\naccess_key = {KEY}\nsecret_key = {SECRET}\nhost_base = {host}\nhost_bucket = {host}\nuse_https = False\n")
    tool = ("s3cmd", "-c", config, "--no-progress")
    check("s3cmd mb", "created", *tool, "mb", "s3://s3cmd-bucket")
    check("s3cmd put in parts", "upload:", *tool, "put", "big", "small ü", "s3://s3cmd-bucket/dir/")
    check("s3cmd ls", "20971523", *tool, "ls", "-r", "s3://s3cmd-bucket")
    check("s3cmd get", "download:", *tool, "get", "s3://s3cmd-bucket/dir/big", "back")
    same_file("s3cmd get gives the same bytes", "back")
    check("s3cmd setacl", "Public", *tool, "setacl", "--acl-public", "s3://s3cmd-bucket/dir/big")
    check("s3cmd cp", "remote copy", *tool, "cp", "s3://s3cmd-bucket/dir/big", "s3://s3cmd-bucket/copy")
    check("s3cmd modify", "modify:", *tool, "modify", "--add-header=x-amz-meta-k:v", "s3://s3cmd-bucket/copy")
    check("s3cmd info", "x-amz-meta-k: v", *tool, "info", "s3://s3cmd-bucket/copy")
    check("s3cmd sync", "Done", *tool, "sync", "s3cfg", "s3://s3cmd-bucket/sync/")
    check("s3cmd del -r", "delete:", *tool, "del", "-r", "-f", "s3://s3cmd-bucket/")
    check("s3cmd rb", "removed", *tool, "rb", "s3://s3cmd-bucket")


def rclone():
    config = os.path.join(work, "rclone.conf")
    with open(config, "w", encoding="utf-8") as file:
        file.write(f"[w]\ntype = s3\nprovider = Other\naccess_key_id = {KEY}\nsecret_access_key = {SECRET}\nendpoint = {ENDPOINT}\n"
                   "region = us-east-1\n")
    os.makedirs(os.path.join(work, "tree/a/b"))
    for i in range(5):
        with open(os.path.join(work, f"tree/a/b/f {i}"), "w", encoding="utf-8") as file:
            file.write(str(i))
    shutil.copy(BIG, os.path.join(work, "tree/big"))
    tool = ("rclone", "--config", config)
    check("rclone mkdir", "", *tool, "mkdir", "w:rclone-bucket")
    check("rclone copy in parts", "", *tool, "copy", "tree", "w:rclone-bucket/tree", "--s3-upload-cutoff", "8M")
    check("rclone check", "0 differences", *tool, "check", "tree", "w:rclone-bucket/tree")
    check("rclone moveto", "", *tool, "moveto", "w:rclone-bucket/tree/a/b/f 1", "w:rclone-bucket/moved")
    check("rclone cat", "1", *tool, "cat", "w:rclone-bucket/moved")
    check("rclone size", "6 (6)", *tool, "size", "w:rclone-bucket")
    check("rclone copy back", "", *tool, "copy", "w:rclone-bucket/tree/big", "back2")
    same_file("rclone gives the same bytes", "back2/big")
    check("rclone purge", "", *tool, "purge", "w:rclone-bucket")


for function in (s3cmd, rclone):
    if shutil.which(function.__name__):
        function()
    else:
        print("skip", function.__name__, "is not installed")
shutil.rmtree(work)
sys.exit(1 if failed else 0)
