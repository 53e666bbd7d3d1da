using System.Runtime.CompilerServices;
using Funion.Cli.Console;

namespace Funion.IntegrationTests;

/// <summary>The tool in these tests keeps what it keeps in a folder of this run, not in the user's.</summary>
static class FunionHomeSetup
{
#pragma warning disable CA2255 // A test assembly is an application.
    [ModuleInitializer]
    public static void Set() => Environment.SetEnvironmentVariable(FunionHome.Variable, Directory.CreateTempSubdirectory("funion-home-").FullName);
#pragma warning restore CA2255
}
