"""Thomson/Technicolor ST2030: catalogue of parameters, vendor files, renderer."""
