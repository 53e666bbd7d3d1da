namespace Funion.Hosting;

/// <summary>A node cannot start for its settings. The message names the setting, never its value.</summary>
/// <param name="setting">Its name as an environment variable.</param>
/// <param name="what">What is wrong with it.</param>
public sealed class NodeSettingsException(string setting, string what) : Exception($"The setting {setting} {what}.")
{
    /// <summary>Its name as an environment variable.</summary>
    public string Setting => setting;
}
