namespace Funion.Cli.Console;

/// <summary>Where pins and accepted documents are kept: $FUNION_HOME, or funion in the user's configuration folder (~/.config).</summary>
static class FunionHome
{
    public const string Variable = "FUNION_HOME";

    public static string Path
    {
        get
        {
            string? home = Environment.GetEnvironmentVariable(Variable);
            return string.IsNullOrEmpty(home)
                ? System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "funion")
                : home;
        }
    }
}
