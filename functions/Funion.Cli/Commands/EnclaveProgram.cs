namespace Funion.Cli.Commands;

/// <summary>Where the enclave's program is: named, or beside this one, or built in the same tree.</summary>
static class EnclaveProgram
{
    const string Name = "Funion.Enclave";

    /// <summary>Its path; null when there is none.</summary>
    public static string? Find(string? named)
    {
        string file = OperatingSystem.IsWindows() ? Name + ".exe" : Name;
        string here = AppContext.BaseDirectory;
        string[] candidates = named is not null ? [named] :
        [
            Path.Combine(here, file), Path.Combine(here, "enclave", file),
            Path.Combine(here.Replace($"{Path.DirectorySeparatorChar}Funion.Cli{Path.DirectorySeparatorChar}", $"{Path.DirectorySeparatorChar}{Name}{Path.DirectorySeparatorChar}", StringComparison.Ordinal), file),
        ];
        return candidates.FirstOrDefault(File.Exists);
    }
}
