namespace Funion.Tests.Architecture;

/// <summary>Finds the files of the repository that a test reads as text.</summary>
static class Repository
{
    public static string Root { get; } = FindRoot();

    public static IEnumerable<string> Sources(string folder) => Directory
        .EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
        .Where(path => !Relative(path).Split('/').Any(part => part is "bin" or "obj" or "node_modules"));

    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Funion.Serverless.sln")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException("The tests run from inside the repository.");
    }
}
