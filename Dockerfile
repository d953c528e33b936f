# For grading where learners' code cannot be confined otherwise; see docs/grading-elsewhere.md.
FROM python:3.11-slim
WORKDIR /opt/pipelines-course
COPY . .
RUN python -m pip install --no-cache-dir --require-hashes -r requirements-dev.lock \
    && python -m pip install --no-cache-dir --no-deps --no-build-isolation .
WORKDIR /course
ENTRYPOINT ["autograder"]
