# requirements: requirements-mlflow3.txt
"""Records MLflow 3 as mlflow_serving.py records MLflow 2."""

import mlflow_serving

mlflow_serving.main()
