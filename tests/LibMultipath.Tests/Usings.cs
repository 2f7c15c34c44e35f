global using LibMultipath.Block;
