"""python -m survey_app …: the command line."""

from survey_app.commands import main

if __name__ == "__main__":
    main()
